"""CDNOW: the cohort of early 1997 of a music shop, and the tenth of it that papers use."""

import os
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

SHARED: Final = Path(os.environ.get("REGULARS_SHARED_DATA", "../shared/data"))
CALIBRATED: Final = date(1997, 10, 1)
"""Papers fit on purchases before this day, which they call "until 30 September"."""
HELD_OUT: Final = date(1998, 7, 1)
"""And hold forecasts against those from then on and before this day: 39 weeks."""

_NONE: Final = ord("/")
_GAPS: Final = (
    "3=2L9:>H000@1A>0=@9<4158<4C?>1B782=DC@3:0O=1<==;?31@2K61>8:B;??@B03<1485DA1D0@5A=4A::?>F1C"
    "0>;AB1661=B786=D=@090<>2736>4:96>;2<16>247<@@2?4=9;3?06>1:8<43386751030@986>55:2412C8@?2:5"
    "<B<20=:8?;>=5=H?23A0>46214A>BB0<302:36:BA1>4H;40G1?907D7>291=6=?0;?3856453<5<>CC??;?C773D3"
    "1:960A5977@>0?;64=23AA3224461:5<?:19235E3B047:0=1CB3C5B:0;053:7;D1;;2;9<316?1A803876C:1838"
    "32=:1>A8384?=E@;B0B:3903=>D1>:80=A:944A37=A?<3@25437:@B41;B4:@E??10D657B?8438>0?2B>38;A8;B"
    "C@737>=4843?A=?0=@<5F2271;2=5;=1214911<3B@3;16624<511;8680A04@?2E41=4C?1;85@11@5?3;4623=5="
    "2?D>741<54695=D@57D3@3?1A?1;04<925:F12G2D88=>>4142302>21==B=2069>A;8=B979282670?;:C?A>@=2@"
    "?>2707A3AH2:3?>694;6631?6=98=7>4E48?=@:83?>;3JD?1C15:95>F5=5<2D;?951?32<29DE8177175;353A56"
    "45;><?<2;31:7962K5781>33650;66:14@?;032?3D:67=4;A:=<0?2??89B77>4:B7861:=5182>D:;667B6<0@D?"
    "4:BG7=?D=;0056=BE78B@D<==2:9=05<?1>31=::3A;0B864>K9;7650A1?5>;6>C30F=>:11=5;66><6;84>2:4@4"
    "A?<:4:5?A>E416D>368639>11>:>3<G4<<E0:=:5349@3=>0<31BA:3G0C?@>2;E2:?6@>03;508>487774260:4>6"
    "5=1>AD6832@3:5993:75:0>:32;736792;B2=232<4<=02A<@A@165F1754885;8@5:@680@67@@<A>;B<@<A3;=@1"
    ";30?:4<;C3<2?A232:;12>2@?EHA=5<43<0AB;<42?64656155>:6:51A=7257?A?16A=20@3>8152<5=59:501404"
    "?B=692048;3=KC:4@<FE2=78?E5<G@455<3:00AA0@;3@D>3A1:C140:101A3428=<@>662<7<8=D<;1A@<=<?;7>="
    "561:C5<@>=5:A;3376=1?G445;034:77>B4<:?>17444=04<0779845=A3970=F3C9778366>2:4;443717893A370"
    ">3A8;;738A?10;B>?B2708692;<6>7781?><;=>20>6=01<4:7@:677?4592B30A0B@=5BB12:0C?97@B00?::<<27"
    ":?0C01>A>;00?0B85=06@DA><<0=04372B=0666403276348A7150:04>2:@9:@@<;>E@20:20@>286B:4AG1<A@:5"
    "?0<4>?D6:;=6:@07:>10=2E;61>H19:2<F8@?96>>01:2:3694><C93:0@45:12B;<102>453?A=<@0?>1;3@3B>79"
    "=:B88@A;;60=19421B:22D?>>0;13=03@3?663A==874=503===1>?C=A?A:8:30>>@8:68;:8;58A@=0<856;=314"
    "=?5?=537321;4<>><;D0A=?@665<H>B9=0<794C;03??349<?:4B:?4@?267AB<92;::468:04B>196E762J>53>04"
    "124216182=38CB2;>0@3:>1:52=;63@D?2;>20;?=?59A@58A=B@;;3526>5;45;C>885;9B375066@3<7=>0A?6>0"
    "4=1<1=<7@D>3A60:4<334A2EA37>8<@2>3:?87;4;67<=0>1A;33<3:872A89>;@2@48A3<2?F>1<=?D31A2=<;<:A"
    "=41401317;9=??A?:<8A@G7640<22394<<:<=3???==?>>439?95>01@==2:AD<6<1A@98?8:;@;408181@6<3B1B;"
    "=67;0D:2;;<A?=529;16013=<6;;4>1>2;92565:2653:518=0A1A<<51:<=@9?35A39@CF:2A>0<2=1<1<671<<=1"
    "5251C3:0?=BA?16:F2E281673?<87934;166C?<7365>;A1;90<901@1>A==78:@>40:=2=D00<;C=A>?5=06978><"
    "00?<=>><;72=@H<9596=86?;?A=7B@:3:B:42728?<2E<?84=428<36<203613D10977;1??=;<;1<;A405<953=41"
    "8>10?2<1501===21<"
)
"""Distances between numbers of the 2,357 customers of the papers' sample, as characters.

The sample is called systematic, every tenth customer, but not by the numbers of the full file: they
are no more than a tenth of all. Its 6,919 purchases are all in the full file.
"""


def sample() -> set[int]:
    """Numbers of the customers of the papers' sample."""
    gaps = np.frombuffer(_GAPS.encode("ascii"), dtype=np.uint8).astype(np.int64) - _NONE
    return set(np.cumsum(gaps).tolist())


def purchases(*, only_sample: bool, shared: Path = SHARED) -> pd.DataFrame:
    """A row per purchase: customer, bought_on, spend."""
    path = shared / "clv" / "cdnow_master.parquet"
    table = pd.read_parquet(path, columns=["customer_id", "date", "amount"])
    table.columns = pd.Index(["customer", "bought_on", "spend"])
    return table[table["customer"].isin(sample())] if only_sample else table
