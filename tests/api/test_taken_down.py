"""What everybody reads where a photo of the notice was taken down (撤下)."""

from tests.build.players import Players


def test_in_the_place_of_a_photo_stands_that_it_was_taken_down_and_why(players: Players) -> None:
    case, notice = players.village.posted()
    number = players.saw("clerk", f"/purchases/{case.id}")["notice"]["number"]
    before = players.saw("stranger", f"/public/notices/{number}")
    assert before["photos_taken_down"] == []
    photo = before["photos"][0]
    gone = {"file_sha256": photo["url"].rpartition("/")[2], "reason": "拍到了人脸"}
    players.did("clerk", f"/notices/{notice}/photo-takedown", gone, 201)
    after = players.saw("stranger", f"/public/notices/{number}")
    said = f"{photo['place']}公示开始时的远景照片已撤下（拍到了人脸）"
    assert after["photos_taken_down"] == [said]
    assert len(after["photos"]) == len(before["photos"]) - 1
    assert said in players.client.get(f"/n/{number}").get_data(as_text=True)
