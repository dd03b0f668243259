"""An environment in which the programs start in production."""

PRODUCTION = {
    "TIBAO_MODE": "production",
    "TIBAO_SECRET_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "TIBAO_PUBLIC_URL": "https://tibao.example",
    "TIBAO_WECHAT_URL": "https://platform.example",
    "TIBAO_SERVICE_APPID": "wx1",
    "TIBAO_SERVICE_SECRET": "s1",
    "TIBAO_SERVICE_TOKEN": "t1",
    "TIBAO_SERVICE_AES_KEY": "a" * 43,
    "TIBAO_MINI_APPID": "wx2",
    "TIBAO_MINI_SECRET": "s2",
    "TIBAO_MINI_TOKEN": "t2",
    "TIBAO_MINI_AES_KEY": "b" * 43,
}
