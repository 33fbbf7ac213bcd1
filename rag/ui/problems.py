"""Why something was refused, in the page's two languages.

What the package raises is in English, and travels as a text: from the parsers' process, and in the
index. Here each message that a person meets on the page has its Chinese; `{}` stands for what
differs. A test holds this table against the messages in the code.
"""

from collections.abc import Mapping

from rag.output import shorten
from rag.ui.markup import clip
from rag.ui.words import MARKS, both

MAX_PROBLEM_CHARS = 500

CHINESE: Mapping[str, str] = {
    # Files.
    "{}: cannot read this kind; {}": "{}：不能读这一类文件；{}",
    "save it as {}": "请另存为 {}",
    "known: {}": "可读的有：{}",
    "{}: cannot be read ({})": "{}：无法读取（{}）",
    "{}: has {} bytes, more than max_document_bytes ({}); split it or raise the setting": (
        "{}：有 {} 字节，超过上限 max_document_bytes（{}）；请拆分，或调高此设置"
    ),
    "{}: cannot tell its encoding; save it as UTF-8": "{}：认不出文字编码；请另存为 UTF-8",
    "{}: looks like a binary file, not text": "{}：像是二进制文件，不是文字",
    "{}: damaged {} text ({})": "{}：{} 文字已损坏（{}）",
    "{}: holds no text; remove it or give it its text": "{}：没有文字；请移除，或补上文字",
    "{}: has hardly any text on its {} pages and looks scanned; "
    "make its text readable by OCR first": (
        "{}：共 {} 页，几乎没有文字，像是扫描件；请先用 OCR 识别出文字"
    ),
    "{}: is encrypted; save it anew with its password removed": "{}：已加密；请去掉密码后重新保存",
    "{}: is in an old Office format or has a password; save it anew without one": (
        "{}：是旧版 Office 格式或有密码；请去掉密码，另存为新格式"
    ),
    "{}: is damaged or no {} file ({}); save it anew": "{}：已损坏或不是 {} 文件（{}）；请重新保存",
    "{}: its parser stopped with exit code {}; "
    "the file is damaged or needs too much memory: save it anew or split it": (
        "{}：解析中断（退出码 {}）；文件已损坏或占用内存过多：请重新保存或拆分"
    ),
    "{}: its parser cannot be started ({})": "{}：无法启动解析程序（{}）",
    "{}: is not read after {} seconds (max_parse_seconds); split it or raise the setting": (
        "{}：{} 秒内未读完（max_parse_seconds）；请拆分，或调高此设置"
    ),
    "{}: needs {}, which is missing; install this program anew": "{}：缺少 {}；请重新安装本程序",
    "{}: needs more than {} MiB; split it": "{}：需要的内存超过 {} MiB；请拆分",
    "{}: has {} pages, more than {}; split it": "{}：共 {} 页，超过 {} 页；请拆分",
    "{}: has {} pages and no page {}": "{}：共 {} 页，没有第 {} 页",
    "{}: has {} characters of text, more than {}; split it": "{}：有 {} 字，超过 {} 字；请拆分",
    "{}: its tables have {} cells or more, more than {}; split it": (
        "{}：表格不少于 {} 个单元格，超过 {} 个；请拆分"
    ),
    "{}: packs {} parts, more than {}; save it anew": "{}：内含 {} 个部分，超过 {} 个；请重新保存",
    "{}: unpacks to {} bytes or more, more than {}; split it": (
        "{}：解压后不少于 {} 字节，超过 {} 字节；请拆分"
    ),
    "{}: unpacks to {} times its size or more, more than {} times, as no report does; "
    "save it anew": "{}：解压后不少于原大小的 {} 倍，超过 {} 倍，报告不会如此；请重新保存",
    "{}: expected an object with some of {}": "{}：应为一个对象，可含 {}",
    "{}: not JSON ({}); correct or remove it": "{}：不是 JSON（{}）；请改正或移除",
    "{}: published is {}; expected YYYY-MM-DD": "{}：published 为 {}；应为 YYYY-MM-DD",
    "{}: years is {}; expected such as [2019, 2020]": "{}：years 为 {}；应如 [2019, 2020]",
    "{}: {} has {} characters; expected at most {}": "{}：{} 有 {} 字；最多 {} 字",
    "{}: {} is {}; expected a text": "{}：{} 为 {}；应为文字",
    # The shelf.
    "{}: the shelf has a report of this name already ({}); "
    "rename the file, or remove that report first": (
        "{}：书架上已有同名报告（{}）；请改文件名，或先移除那份报告"
    ),
    "{}: has the same name as {}, and a report is known by its name; rename one of them": (
        "{}：与 {} 同名，而报告以名字区分；请改其中一个的名字"
    ),
    "there is no report {} in the index; known: {}": "索引中没有报告 {}；已有：{}",
    "an index holds at least one report; add another first (rag add PATH), "
    "or delete the folder {}": (
        "书架上至少要有一份报告；请先添加另一份（rag add PATH），或删除文件夹 {}"
    ),
    "the documents hold no text to index; give at least one with text": (
        "这些报告里没有可检索的文字；请至少给一份有文字的"
    ),
    "another process is writing the index {}; try again when it has ended": (
        "另一个进程正在写索引 {}；请等它结束后再试"
    ),
    "cannot write the index folder {} ({}); choose another by --index DIR or RAG_INDEX": (
        "无法写入索引文件夹 {}（{}）；请用 --index DIR 或 RAG_INDEX 另选一个"
    ),
    # Questions.
    "the question is empty; ask a question about the reports": "问题是空的；请就报告提问",
    "the question has {} characters; at most {} can be asked, shorten it": (
        "问题有 {} 字；最多 {} 字，请缩短"
    ),
    "there is no report {} on the shelf to ask only (there are: {}); "
    "choose others, or clear the filter": ("书架上没有所选的报告 {}（有：{}）；请另选，或清除筛选"),
    "none of the reports asked covers {} (they cover: {}); "
    "choose other years, or clear the filter": (
        "所选报告都不涉及 {}（涉及：{}）；请另选年份，或清除筛选"
    ),
    "too many questions wait already ({}); ask again in a little while": (
        "等待的问题已太多（{}）；请稍后再问"
    ),
    "no turn came within {} seconds: the server is busy; ask again later": (
        "{} 秒内没有轮到：服务器正忙；请稍后再问"
    ),
    "the server is being stopped; try again when it is back": "服务器正在停止；请等它恢复后再试",
    # Conversations and feedback.
    "the title is empty; type a title for the conversation": "标题是空的；请输入对话的标题",
    "there is no such conversation; it may have been deleted elsewhere": (
        "没有这个对话；它可能已在别处被删除"
    ),
    "the reason has {} characters; at most {} are kept, shorten it": (
        "理由有 {} 字；最多保存 {} 字，请缩短"
    ),
    "this answer is not kept (any more), so it cannot be rated": "这个回答没有保存，无法评价",
    "cannot use {} ({}): nothing is kept until this is put right; RAG_HISTORY names another file": (
        "无法使用 {}（{}）：修好之前什么都不保存；可用 RAG_HISTORY 指定另一个文件"
    ),
    "{} is damaged or of another kind ({}); {}": "{} 已损坏或不是这类文件（{}）；{}",
    "{} is no file of conversations; {}": "{} 不是对话文件；{}",
    "{} has format {}, and this program knows {}; update the program, or {}": (
        "{} 的格式为 {}，本程序只认 {}；请更新程序，或者：{}"
    ),
    "move the file away, and its -wal file if there is one, to begin a new one, "
    "or name another by RAG_HISTORY": (
        "把这个文件（和它的 -wal 文件，如果有）移走以重新开始，或用 RAG_HISTORY 指定另一个文件"
    ),
}


def told(problem: object) -> str:
    """The message `problem` in both languages; in English alone if its Chinese is not known."""
    said = str(problem)
    # Some are words of the page already, and a name may hold anything.
    chinese = None if any(mark in said for mark in MARKS) else _chinese_of(said)
    if chinese is None:
        return clip(said, MAX_PROBLEM_CHARS)
    return both(shorten(chinese, MAX_PROBLEM_CHARS), shorten(said, MAX_PROBLEM_CHARS))


def _chinese_of(problem: str, *, is_whole: bool = True) -> str | None:
    """The message in Chinese; None if it is not known."""
    for english, chinese in CHINESE.items():
        parts = _parts(english, problem)
        if parts is not None:
            # Some messages end with another one, which says what to do; none is in a third one.
            if is_whole:
                parts = [_chinese_of(part, is_whole=False) or part for part in parts]
            return chinese.format(*parts)
    return None


def _parts(template: str, text: str) -> list[str] | None:
    """What stands in `text` for each `{}` of `template`, as short as can be; None if it differs.

    Not by a regular expression: that would try all places of all words that recur in a file's name
    or text, which takes hours for a message of some thousand characters.
    """
    head, *between = template.split("{}")
    if not between:
        return [] if text == template else None
    tail = between.pop()
    end = len(text) - len(tail)
    if not text.startswith(head) or not text.endswith(tail):
        return None
    parts, start = list[str](), len(head)
    for words in between:
        found = text.find(words, start, end)
        if found < 0:
            return None
        parts.append(text[start:found])
        start = found + len(words)
    return [*parts, text[start:end]] if start <= end else None
