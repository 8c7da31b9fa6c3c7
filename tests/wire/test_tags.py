from __future__ import annotations

from fixgate.wire.tags import MsgType, Tag, label


def test_labels():
    assert label(34) == "MsgSeqNum(34)"
    assert label(96) == "RawData(96)"
    assert label(621) == "EncodedLegSecurityDescLen(621)"
    assert label(9876) == "Tag(9876)"
    assert label(-1) == "Tag(-1)"


def test_names_are_the_specification_s():
    assert (Tag.BeginString, Tag.CheckSum, Tag.NextExpectedMsgSeqNum) == (8, 10, 789)
    assert (MsgType.Logon, MsgType.NewOrderSingle) == (b"A", b"D")
