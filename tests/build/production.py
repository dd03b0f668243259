"""An environment in which the programs start in production."""

PRODUCTION = {
    "TIBAO_MODE": "production",
    "TIBAO_PROXY_HOPS": "1",
    "TIBAO_SECRET_KEY": "0f8e2d7c4b1a69738594a6b0c3d1e5f2",
    "TIBAO_CHECKPOINT_KEY": "MC4CAQAwBQYDK2VwBCIEIF86UfayBmftMGqfKa6QhnbqKzoHs5a2xWUiCmRUTBrs",
    "TIBAO_DATA_DIR": "/srv/tibao",
    "TIBAO_DATABASE_URL": "postgresql+psycopg://tibao:xK4zQ9wLm2TfB7vR@db.tibao.cn/tibao?sslmode=verify-full",
    "TIBAO_REDIS_URL": "rediss://tibao:pD8sY3hNc6JgW5eM@redis.tibao.cn:6379/0",
    "TIBAO_PUBLIC_URL": "https://tibao.example",
    "TIBAO_WECHAT_URL": "https://api.weixin.qq.com",
    "TIBAO_SERVICE_APPID": "wx8f3a1c9e5b7d2046",
    "TIBAO_SERVICE_SECRET": "9b1f6c3e8a2d7540c6e1f9a3b8d27045",
    "TIBAO_SERVICE_TOKEN": "Qw8zRt5pLm3xVb7nKc2d",
    "TIBAO_SERVICE_AES_KEY": "mZ4qX7vT2nB9kR6wL1pH8sD3gJ5fY0cAeUiOoPtWxQy",
    "TIBAO_MINI_APPID": "wx2d6e0b8c4a1f7395",
    "TIBAO_MINI_SECRET": "3e7a0d5c9f1b8624d7c2e6a0f5b91348",
    "TIBAO_MINI_TOKEN": "Hn6yGf2sDk9wXj4bZq1v",
    "TIBAO_MINI_AES_KEY": "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iLoRuXeIhUkPw",
}
