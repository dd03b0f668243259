"""For the centre: what people hand in on paper at the counter, entered from its scan."""

from flask import Response
from pydantic import Field

from backend.api.cases.applicants import CosignersOut
from backend.api.cases.cases import CasePath, acting
from backend.http.fields import Place, Sha256
from backend.http.parts import context
from backend.http.present import Input, present
from backend.http.routes import Routes
from backend.services.purchase import cosignatures
from backend.services.purchase.cosignatures import SignedOnPaper

routes = Routes("counter", "中心：窗口收到的纸质材料")

MOST_SIGNATURES = 200


class SignedOnPaperIn(Input):
    """The flat and the whole name, as they stand on the paper."""

    building: Place
    unit: Place
    room: Place
    name: Place

    def as_written(self) -> SignedOnPaper:
        """The same for the service."""
        return SignedOnPaper(self.building, self.unit, self.room, self.name)


class PaperSignaturesIn(Input):
    """Who signed, and the scan of what they signed."""

    signatures: list[SignedOnPaperIn] = Field(min_length=1, max_length=MOST_SIGNATURES)
    file_sha256: Sha256
    namesakes_checked: bool = False


class PaperWithdrawalIn(SignedOnPaperIn):
    """Whose signature is taken back, and the scan of the letter that says so."""

    file_sha256: Sha256


@routes.post(
    "/purchases/<purchase_id>/paper-cosignatures",
    auth="person",
    answers={200: CosignersOut},
    refuses=(
        "case_closed file_unknown flat_already_signed name_not_on_roster namesake_signed not_found",
        "not_in_circle not_open_for_cosigning officer_is_party place_unknown role_required",
        "same_officer step_not_possible version_conflict",
    ),
)
def enter_paper_cosignatures(path: CasePath, body: PaperSignaturesIn) -> Response:
    """录入纸质联名：逐户与名册核对

    由经办办理，申请提交之前；先上传签名表的扫描件。房号、姓名与名册不符的，一次列出全部问题，
    一条也不录入。一个人、一套房屋都只计一名。有账号的业主会收到消息，不是本人签的可以撤回。
    """
    count = cosignatures.enter(
        context(),
        acting(),
        path.purchase_id,
        [one.as_written() for one in body.signatures],
        body.file_sha256,
        body.namesakes_checked,
    )
    return present(CosignersOut(cosigners=count))


@routes.post(
    "/purchases/<purchase_id>/paper-cosignature-withdrawal",
    auth="person",
    answers={200: CosignersOut},
    refuses=(
        "case_closed cosignature_counted cosignature_unknown file_unknown name_not_on_roster",
        "not_found not_in_circle officer_is_party place_unknown role_required same_officer",
        "step_not_possible version_conflict",
    ),
)
def withdraw_paper_cosignature(path: CasePath, body: PaperWithdrawalIn) -> Response:
    """录入书面撤回的联名

    由经办办理，申请提交之前（退回补正以后也可以），附业主签名的书面撤回；在手机上签的联名也可以书面撤回。
    """
    left = cosignatures.withdraw_on_paper(
        context(), acting(), path.purchase_id, body.as_written(), body.file_sha256
    )
    return present(CosignersOut(cosigners=left))
