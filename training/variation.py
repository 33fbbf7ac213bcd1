"""Windows with other places and with double figures, so that the reader learns the form.

Reports of provinces stand in for reports of any region: a window's place is renamed to an
invented one, and figures of people are made into figures of households and people.
"""

import re
from dataclasses import replace
from random import Random

from rag.regions import romanise
from training.corpus import Window

_RENAME_SHARE = 0.6
_DOUBLE_SHARE = 0.5
_PLACE_CHARACTERS = (
    "安平清河东西南北江山水云石林阳泉长丰宁永和明宝龙凤金银德新兴昌盛华富顺定海湖溪谷岭原川城固康乐义信"
    "仁洛沙柳梅桃松柏竹兰合通利武文光景祥瑞遂会汉秦蜀楚巴彭灵双万五三九大"
)
_KINDS = ("县", "县", "县", "区", "市", "自治县")
_PEOPLE = re.compile(
    r"(?<![\d.户万亿])(\d+(?:\.\d+)?)(万?)(?:多|余)?(人|名)(?!次|大|民|均|才|口普)"
)


def vary(window: Window, rng: Random) -> Window:
    """The window, or a variation of it."""
    if window.place and rng.random() < _RENAME_SHARE:
        window = rename(window, window.place, invented_place(rng))
    if rng.random() < _DOUBLE_SHARE:
        window = replace(window, text=_with_households(window.text, rng))
    return window


def invented_place(rng: Random) -> str:
    """A name such as a county, district or city could bear."""
    return "".join(rng.sample(_PLACE_CHARACTERS, 2)) + rng.choice(_KINDS)


def rename(window: Window, old: str, new: str) -> Window:
    """The window as if it were about another place."""
    short_old, short_new = re.sub("[省市县区]$", "", old), re.sub("(?:自治)?[市县区]$", "", new)

    def change(text: str) -> str:
        text = text.replace(old, new).replace(romanise(old), romanise(new))
        return text.replace(short_old, short_new) if len(short_old) > 1 else text

    level = new[-1]
    text = re.sub("全省|全市", f"全{level}", change(window.text))
    return replace(window, text=re.sub("我省|我市", f"我{level}", text),
                   header=change(window.header), place=new)  # fmt: skip


def _with_households(text: str, rng: Random) -> str:
    """Each figure of people behind a figure of households."""

    def double(match: re.Match[str]) -> str:
        share = rng.uniform(2.2, 4.5)
        digits = len(match[1].partition(".")[2])
        households = f"{max(1.0, float(match[1]) / share):.{digits}f}{match[2]}"
        return f"{households}户{rng.choice(('', '', '、'))}{match[0]}"

    return _PEOPLE.sub(double, text)
