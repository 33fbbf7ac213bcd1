"""Make the sample files in `documents/`, with the libraries that make such files elsewhere.

Run `pip install reportlab` (no part of the project), then `python tests/data/make_documents.py`.
The files are committed: the tests need no reportlab.
"""

import csv
import io
from datetime import date
from pathlib import Path

from docx import Document
from docx.oxml import OxmlElement
from openpyxl import Workbook
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FOLDER = Path(__file__).parent / "documents"
SONG, LATIN = "STSong-Light", "Helvetica"
LEFT, TOP, LEADING = 72, 740, 20

REPORT_PAGES = (
    (
        (18, "溪口县2019年脱贫攻坚工作报告"),
        (12, "一、基本情况"),
        (12, "　　溪口县位于清江上游，辖九镇三乡，总面积2430平方公里，总人口41."),
        (12, "6万人，其中农业人口33.2万人。2014年以来，全县共识别建档立卡贫困户1"),
        (12, "2860户38215人，贫困村98个，是省级扶贫开发工作重点县，脱贫任务十分"),
        (12, "繁重。"),
        (12, "二、主要成效"),
        (12, "　　2019年，全县统筹整合财政涉农资金，安排扶贫项目356个，投入资金12,"),
        (12, "860万元，其中中央资金8120万元。"),
        (12, "（一）基础设施"),
        (12, "　　全县新建和改造农村公路300公里，架设桥梁12座，所有行政村全部通了"),
    ),
    (
        (12, "硬化路，群众出行难的问题得到根本解决。通村客车开通率达到百分之百，"),
        (12, "比2015年提高了四十二个百分点。"),
        (12, "（二）产业扶贫"),
        (12, "　　发展茶叶基地5.8万亩，带动贫困户6120户，户均增收3400元；建成扶贫"),
        (12, "车间37个，吸纳就业1240人"),
    ),
    (
        (12, "三、存在的问题"),
        (12, "　　部分产业规模小、链条短，抗御市场风险的能力还不强，一些贫困村的集体"),
        (12, "经济仍然薄弱。"),
    ),
    (
        (12, "四、下一步打算"),
        (12, "　　2020年，计划投入资金1.35亿元，再改造农村公路85公里，完成剩余210户"),
        (12, "贫困户的脱贫任务。"),
    ),
)
ENGLISH_LEFT = (
    "Road construction in Xikou County was com-",
    "pleted in 2019. The county built 300 kilo-",
    "metres of rural roads and twelve bridges, and",
    "all of its villages can now be reached by bus",
    "on paved roads throughout the whole year.",
)
ENGLISH_RIGHT = (
    "Tea gardens cover 58,000 mu and employ the",
    "members of 6,120 poor households. Average in-",
    "come rose by 3,400 yuan for each household",
    "that took part in the programme last year.",
)


def main() -> None:
    """Write all sample files."""
    FOLDER.mkdir(exist_ok=True)
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    report_pdf()
    two_columns_pdf()
    scanned_pdf()
    encrypted_pdf()
    report_docx()
    web_pages()
    tables_csv()
    workbook_xlsx()


def canvas_for(name: str) -> Canvas:
    """A canvas that gives the same bytes each time."""
    return Canvas(str(FOLDER / name), pagesize=A4, invariant=1)


def report_pdf() -> None:
    """Headers and footers on each page, a footnote, numbers and paragraphs split by the layout."""
    canvas = canvas_for("report.pdf")
    for number, lines in enumerate(REPORT_PAGES, start=1):
        canvas.setFont(SONG, 9)
        canvas.drawString(LEFT, 800, "溪口县人民政府文件")
        y = TOP
        for size, text in lines:
            canvas.setFont(SONG, size)
            canvas.drawString(LEFT, y, text)
            y -= LEADING
        if number == 2:
            mark_footnote(canvas, y + LEADING)
        canvas.setFont(SONG, 9)
        canvas.drawString(280, 40, f"— {number} —")
        canvas.showPage()
    canvas.save()


def mark_footnote(canvas: Canvas, y: float) -> None:
    """A raised mark behind the last line of a page, and its footnote at the bottom."""
    end = LEFT + pdfmetrics.stringWidth("车间37个，吸纳就业1240人", SONG, 12)
    canvas.setFont(SONG, 7)
    canvas.drawString(end, y + 5, "1")
    canvas.setFont(SONG, 12)
    canvas.drawString(end + 5, y, "。")
    canvas.setFont(SONG, 9)
    canvas.drawString(LEFT, 80, "1 扶贫车间指设在乡镇和村、以吸纳贫困劳动力为主的加工场所。")


def two_columns_pdf() -> None:
    """Two columns of English with words divided at line ends."""
    canvas = canvas_for("two_columns.pdf")
    canvas.setFont(LATIN, 16)
    canvas.drawString(LEFT, 780, "Xikou County Progress Report 2019")
    canvas.setFont(LATIN, 10)
    for left, lines in ((LEFT, ENGLISH_LEFT), (320, ENGLISH_RIGHT)):
        for number, text in enumerate(lines):
            canvas.drawString(left, TOP - 14 * number, text)
    canvas.setFont(LATIN, 9)
    canvas.drawString(290, 40, "7")
    canvas.save()


def scanned_pdf() -> None:
    """Pages that hold a picture only."""
    canvas = canvas_for("scanned.pdf")
    for _ in range(2):
        canvas.rect(LEFT, 100, 400, 600, fill=1)
        canvas.showPage()
    canvas.save()


def encrypted_pdf() -> None:
    """A PDF that opens with a password only."""
    writer = PdfWriter(clone_from=PdfReader(FOLDER / "two_columns.pdf"))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(FOLDER / "encrypted.pdf")


def report_docx() -> None:
    """Heading styles, a list, a captioned table with merged cells and two levels of headers."""
    document = Document()
    document.add_heading("白水镇2020年工作总结", level=0)
    document.add_heading("一、工作成效", level=1)
    document.add_paragraph("2020年，白水镇完成危房改造412户，新建卫生室9所。")
    for item in ("修建产业路26公里；", "新增光伏电站3座。"):
        document.add_paragraph(item, style="List Bullet")
    document.add_heading("（一）资金投入", level=2)
    document.add_paragraph("表1 白水镇各村收入情况")
    document.add_paragraph("单位：万元")
    rows = (
        ("村名", "收入", "", "户数（户）", "增长率"),
        ("", "种植", "务工", "", ""),
        ("河东村", "120.5", "86", "214", "12.3%"),
        ("河西村", "98", "75.2", "", "9.8%"),
        ("", "101", "80", "190", "8.1%"),
    )
    table = document.add_table(rows=len(rows), cols=5)
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    for first, last in (
        ((0, 0), (1, 0)),
        ((0, 1), (0, 2)),
        ((0, 3), (1, 3)),
        ((0, 4), (1, 4)),
        ((3, 0), (4, 0)),
    ):
        table.cell(*first).merge(table.cell(*last))
    inserted = OxmlElement("w:ins")
    paragraph = document.add_paragraph("全镇贫困发生率降至")
    inserted.append(paragraph.add_run("0.6%。")._r)
    paragraph._p.append(inserted)
    document.save(str(FOLDER / "report.docx"))


def web_pages() -> None:
    """A page with navigation in GB 2312, an article with a table, and an old page of tables."""
    for name, page, encoding in (
        ("news.html", NEWS, "gb2312"),
        ("article.html", ARTICLE, "utf-8"),
        ("old.htm", OLD, "gbk"),
    ):
        (FOLDER / name).write_bytes(page.encode(encoding))


def tables_csv() -> None:
    """A table in GB18030, and one with a caption and headers merged before it was saved."""
    rows = (
        ("县", "贫困村（个）", "投资（万元）", "备注"),
        ("甲县", "98", "1200", "含易地\n搬迁"),
        ("乙县", "45", "860.5亿元", ""),
    )
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    (FOLDER / "counties.csv").write_bytes(out.getvalue().encode("gb18030"))
    lines = (
        "溪口县2019年收支情况;;;;",
        "单位：万元;;;;",
        "乡镇;收入;;支出;年份",
        ";种植;务工;;",
        "河东镇;120.5;86;1,240;2019",
    )
    (FOLDER / "budget.csv").write_text("\n".join(lines), encoding="utf-8-sig")


def workbook_xlsx() -> None:
    """Two sheets and a hidden one: percentages, dates, merged cells, a title and unit row."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "扶贫投资"
    for row in (
        ("溪口县扶贫投资情况表",),
        (None, None, None, "单位：万元"),
        ("乡镇", "中央", "地方", "完成率", "竣工日期"),
        ("河东镇", 1200, 350.5, 0.985, date(2019, 11, 5)),
        (None, 80, 0.1 + 0.2, 1, date(2020, 3, 1)),
    ):
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A4:A5")
    for cell in ("D4", "D5"):
        sheet[cell].number_format = "0.0%"
    sheet["E5"].number_format = 'yyyy"年"m"月"'
    second = workbook.create_sheet("人口")
    second.append(("指标", "单位", 2018, 2019))
    second.append(("总人口", "万人", 41.2, 41.6))
    hidden = workbook.create_sheet("草稿")
    hidden.append(("机密", "数据"))
    hidden.sheet_state = "hidden"
    workbook.save(FOLDER / "investment.xlsx")


NEWS = """<!DOCTYPE html><html><head>
<meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>溪口县召开扶贫工作会议_溪口县政府网</title>
<style>p {color: red}</style><script>var a = "脚本";</script></head><body>
<form id="aspnetForm" action="x"><div class="menu"><ul><li><a href="1">首页</a></li>
<li><a href="2">政务公开</a></li><li><a href="3">办事服务</a></li></ul></div>
<div style="display:none">隐藏的文字</div>
<div class="content"><p>　　2019年12月3日，溪口县召开扶贫工作会议。会议指出，全县还有
210户贫困户没有脱贫。</p><p>第一行<br>第二行</p>
<p>会议要求，2020年6月底前完成<b>85</b>公里农村公路改造。</p></div>
<footer>版权所有</footer></form></body></html>"""

ARTICLE = """<html><head><meta charset="utf-8"><title>站点</title></head><body>
<header>网站的头</header><nav><a href="1">首页</a></nav><main><article>
<header><h1>白水镇产业发展情况</h1></header><h2>一、茶叶</h2>
<p>白水镇种植茶叶5.8万亩。</p><ul><li>新建茶厂3座</li><li><p>带动612户</p></li></ul>
<p>单位：万元</p><table><caption>各村产业收入</caption>
<tr><th rowspan="2">村名</th><th colspan="2">收入</th><th rowspan="2">户数（户）</th></tr>
<tr><th>茶叶</th><th>务工</th></tr>
<tr><td>河东村</td><td>120</td><td>86.5</td><td>214</td></tr>
<tr><td>河西村</td><td colspan="2">无</td><td>190</td></tr></table>
<table><tr><th>项目名称</th><td>道路建设</td></tr><tr><th>投资（万元）</th><td>350</td></tr></table>
</article></main><aside>相关推荐</aside><footer>版权所有</footer></body></html>"""

OLD = """<HTML><HEAD><META CHARSET=gbk><TITLE>溪口县水利建设情况</TITLE><BODY><TABLE><TR><TD>
<A HREF=1>首页</A> <A HREF=2>新闻</A> <A HREF=3>公告</A></TD><TD>
<H3>水利建设</H3><P>2018年新建水库4座。<P>解决饮水困难1.2万人。
<TABLE><TR><TD>水库<TD>库容（万立方米）<TR><TD>龙潭水库<TD>310</TABLE></TD></TR></TABLE></BODY></HTML>"""

if __name__ == "__main__":
    main()
