"""Messages of every version, written by hand: what mutation begins with.

Fields as in a story (`fuzz.story`), without the header fields that every message has; an SOH
inside of data is one.
"""

from __future__ import annotations

__all__ = ["ADMIN", "APPLICATION", "VERSIONS", "Field"]

VERSIONS = {
    "FIX.4.0": ("FIX.4.0", None),
    "FIX.4.1": ("FIX.4.1", None),
    "FIX.4.2": ("FIX.4.2", None),
    "FIX.4.3": ("FIX.4.3", None),
    "FIX.4.4": ("FIX.4.4", None),
    "FIX.5.0": ("FIXT.1.1", "7"),
    "FIX.5.0SP1": ("FIXT.1.1", "8"),
    "FIX.5.0SP2": ("FIXT.1.1", "9"),
}
"""BeginString(8) and DefaultApplVerID(1137) of each version."""

Field = tuple[bytes, bytes]
"""A tag and a value, as they are written."""


def _fields(lines: str) -> tuple[tuple[Field, ...], ...]:
    return tuple(
        tuple((tag, value) for tag, _, value in (part.partition(b"=") for part in line.split(b"|")))
        for line in lines.encode().splitlines()
    )


ADMIN = _fields("""\
35=0
35=0|112=alive-1
35=0|112=TEST
35=1|112=HELLO
35=2|7=1|16=0
35=2|7={o-3}|16={o-1}
35=2|7=1|16=999999
35=2|7={o-1}|16={o-1}
35=3|45=1|58=no
35=3|45={o-1}|371=11|372=D|373=1|58=Required tag missing
35=4|36={n+1}
35=4|123=N|36={n+5}
35=4|123=Y|36={n+1}
35=4|43=Y|123=Y|36={n+3}|122={t-5}
35=5
35=5|58=bye
35=5|58=MsgSeqNum too low, expecting 812 but received 1
35=A|98=0|108=30
35=A|98=0|108=30|141=Y
35=A|98=0|108=10|789={o}
35=A|98=0|108=30|789={o-2}
35=A|98=0|108=30|789={o+7}
35=A|95=8|96=r\x01w\x0110=d|98=0|108=30|553=u|554=peer-password|464=Y
35=A|98=0|108=30|384=2|372=D|385=R|372=8|385=S|383=4096""")
"""Of the session."""

APPLICATION = _fields("""\
35=D|11=A1|21=1|55=ABC|54=1|38=100|40=2|44=10.25
35=D|11=A1|21=1|55=ABC|54=1|60={t}|38=100|40=2|44=10.25|59=0
35=D|1=ACC|11=A2|55=XYZ|54=2|60={t}|38=5|40=1|58=text|354=5|355=a\x01b=c
35=D|11=A3|78=2|79=A|80=5|79=B|80=7|55=ABC|54=1|60={t}|38=12|40=1
35=D|11=A4|453=2|448=P1|447=D|452=1|802=1|523=S|803=4|448=P2|447=D|452=3|55=ABC|54=1|60={t}|38=1|40=1
35=D|11=A5|97=Y|55=ABC|54=1|60={t}|38=1|40=1
35=F|41=A1|11=A6|55=ABC|54=1|60={t}|38=100
35=F|41=A1|11=A6|125=F|55=ABC|54=1
35=G|41=A1|11=A7|21=1|55=ABC|54=1|60={t}|38=50|40=2|44=10
35=H|11=A1|55=ABC|54=1
35=8|37=O1|17=E1|20=0|39=0|150=0|55=ABC|54=1|38=1|32=0|31=0|151=1|14=0|6=0
35=8|37=O1|17=E1|39=2|150=F|55=ABC|54=1|38=1|32=1|31=5.5|151=0|14=1|6=5.5|60={t}
35=9|37=O1|11=A8|41=A1|39=8|434=1|102=1|58=unknown
35=B|148=Headline|33=2|58=one|58=two|95=5|96=a\x01b=c
35=B|61=1|148=Headline|146=2|55=ABC|48=1|22=4|55=XYZ|33=1|58=one
35=C|164=E1|94=0|147=Subject|33=1|58=line
35=6|23=I1|28=N|55=ABC|54=1|27=L
35=R|131=Q1|146=1|55=ABC|54=1|38=10
35=S|117=Q1|55=ABC|132=1.1|133=1.2|134=5|135=5
35=V|262=M1|263=1|264=0|267=2|269=0|269=1|146=1|55=ABC
35=W|262=M1|55=ABC|268=2|269=0|270=1.5|271=10|269=1|270=1.6|271=3
35=X|262=M1|268=1|279=0|269=0|55=ABC|270=1.5|271=10
35=E|66=L1|394=1|68=2|73=1|11=A1|67=1|55=ABC|54=1|38=1|40=1
35=J|70=J1|71=0|54=1|55=ABC|53=10|6=5.5|75=20260302|78=1|79=ACC|80=10
35=AE|571=T1|570=N|55=ABC|32=10|31=5|75=20260302|60={t}|552=1|54=1|37=O1|453=1|448=P|447=D|452=1
35=j|45=2|372=D|380=0|58=no
35=n|212=8|213=<a>\x01</a>
35=BE|923=U1|924=1|553=u|554=peer-password
35=UU|58=ours|5001=x
35=zz""")
"""Of applications of any version; where a version does not know it, it is a mistake as good as
any other."""
