"""The page where a person signs in; it needs no script and nothing from elsewhere."""

from starlette.responses import HTMLResponse

from rag.ui.markup import element, escape, void_element

LOGIN_PATH = "/login"
LOGOUT_PATH = "/logout"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 12vh auto; padding: 0 1rem }
label, button { display: block; margin-top: 1rem } input { width: 100%; font: inherit }
button { font: inherit; padding: .3rem 1.2rem } .problem { color: #a11212 }
"""
_WRONG = "名字或密码不对。The name or the password is wrong."


def login_page(*, is_wrong: bool = False) -> HTMLResponse:
    """The form; with status 401 and a word on it after a wrong password."""
    problem = element("p", escape(_WRONG), class_="problem", role="alert") if is_wrong else ""
    fields = (
        _field("名字（用令牌登录时不填）Name (empty with the token)", "name", "text", "username"),
        _field("密码或令牌 Password or token", "secret", "password", "current-password"),
        element("button", escape("登录 Sign in"), type="submit"),
    )
    form = element("form", "".join(fields), method="post", action=LOGIN_PATH.lstrip("/"))
    return _page("登录 Sign in", problem + form, 401 if is_wrong else 200)


def logout_page() -> HTMLResponse:
    """The question whether to sign out."""
    button = element("button", escape("退出登录 Sign out"), type="submit")
    form = element("form", button, method="post", action=LOGOUT_PATH.lstrip("/"))
    return _page("退出登录 Sign out", form, 200)


def _page(title: str, body: str, status: int) -> HTMLResponse:
    metas = (
        void_element("meta", charset="utf-8"),
        void_element("meta", name="viewport", content="width=device-width"),
        # With the policy of the other pages a browser would not say where the form comes from.
        void_element("meta", name="referrer", content="same-origin"),
    )
    name = element("title", escape(f"报告问答 Report QA: {title}"))
    head = "".join(metas) + name + element("style", _STYLE)
    shown = element("main", element("h1", escape("报告问答 Report QA")) + body)
    page = element("html", element("head", head) + element("body", shown), lang="zh-CN")
    return HTMLResponse(f"<!doctype html>{page}", status)


def _field(label: str, name: str, kind: str, autocomplete: str) -> str:
    given = void_element("input", name=name, type=kind, autocomplete=autocomplete)
    return element("label", escape(label) + given)
