"""What can be printed: the words for it that tables, drawings and the API share."""

from typing import Literal

# 轿厢卡、大堂公示、保险说明
PosterKind = Literal["cab_card", "lobby_notice", "about_sheet"]
# Of the lobby notice; the others have a paper of their own.
NoticePaper = Literal["A4", "A3"]
FileFormat = Literal["png", "pdf"]
