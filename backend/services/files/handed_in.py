"""Files that were handed in before: how they are named, and who may attach one to something.

How they are received and checked is another matter (`uploads`), and takes what reads pictures.
"""

import re

from sqlalchemy.orm import Session

from backend.domain.errors import Refused, refuse
from backend.services.base.context import Actor
from backend.store.notices import Upload

STAYS = {"read": True, "key_share": True}
SHA256 = re.compile(r"[0-9a-f]{64}")


def check_upload(tx: Session, actor: Actor, sha256: str, field: str) -> None:
    """Only a file that this person uploaded can be handed in, and from now on stays (`unused` drops
    it otherwise); raises Refused `file_unknown`."""
    if tx.get(Upload, (sha256, actor.person_id), with_for_update=STAYS) is None:
        raise file_unknown(field)


def file_unknown(field: str) -> Refused:
    """What somebody is told who hands in a file that they never uploaded."""
    return refuse("file_unknown", "没有找到这个文件，请先上传再提交。", field)
