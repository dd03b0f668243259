"""Files that were handed in before: how they are named, and who may attach one to something.

How they are received and checked is another matter (`uploads`), and takes what reads pictures.
"""

import re

from sqlalchemy.orm import Session

from backend.domain.errors import refuse
from backend.services.base.context import Actor
from backend.store.notices import Upload

SHA256 = re.compile(r"[0-9a-f]{64}")


def check_upload(tx: Session, actor: Actor, sha256: str, field: str) -> None:
    """Only a file that this person uploaded can be handed in; raises Refused `file_unknown`."""
    if tx.get(Upload, (sha256, actor.person_id)) is None:
        raise refuse("file_unknown", "没有找到这个文件，请先上传再提交。", field)
