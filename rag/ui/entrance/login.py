"""The page where a person signs in; it needs no script and nothing from elsewhere."""

from starlette.responses import HTMLResponse

from rag.ui.markup import element, escape, void_element

LOGIN_PATH = "/login"
LOGOUT_PATH = "/logout"
# The colours are those of the page's own style, which a stranger is not given.
_STYLE = """
:root { color-scheme: light dark; --ink: #233655; --paper: #ffffff;
  --link: #335b95; --behind: #f6f7f9; --problem: #8a4b12 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf3; --paper: #1a1e26;
  --link: #9bb8dc; --behind: #12151b; --problem: #e8b27a } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 12vh auto; padding: 0 1rem;
  color: var(--ink); background: var(--behind) }
h1 { font-size: 1.4rem } a { color: var(--link) }
label, button { display: block; margin-top: 1rem } label > small { display: block }
input { width: 100%; font: inherit; padding: .4rem .6rem; color: inherit;
  background: var(--paper); border: 1px solid var(--link); border-radius: 8px }
button { font: inherit; font-weight: 600; padding: .4rem 1.4rem; border: 0; border-radius: 8px;
  color: var(--paper); background: var(--link); cursor: pointer }
.problem { color: var(--problem) }
"""
_WITH_TOKEN = "用令牌登录时不填。 Empty with the token."
_WRONG = "名字或密码不对。The name or the password is wrong."


def login_page(*, is_wrong: bool = False) -> HTMLResponse:
    """The form; with status 401 and a word on it after a wrong password."""
    problem = element("p", escape(_WRONG), class_="problem", role="alert") if is_wrong else ""
    fields = (
        _field("名字 Name", "name", "text", "username", _WITH_TOKEN),
        _field("密码或令牌 Password or token", "secret", "password", "current-password"),
        element("button", escape("登录 Sign in"), type="submit"),
    )
    form = element("form", "".join(fields), method="post", action=LOGIN_PATH.lstrip("/"))
    return _page("登录 Sign in", problem + form, 401 if is_wrong else 200)


def logout_page() -> HTMLResponse:
    """The question whether to sign out."""
    question = element("p", escape("要在此浏览器退出登录吗？ Sign out in this browser?"))
    button = element("button", escape("退出登录 Sign out"), type="submit")
    form = element("form", button, method="post", action=LOGOUT_PATH.lstrip("/"))
    back = element("p", element("a", escape("返回 Back"), href="./"))
    return _page("退出登录 Sign out", question + form + back, 200)


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


def _field(label: str, name: str, kind: str, autocomplete: str, hint: str = "") -> str:
    given = void_element("input", name=name, type=kind, autocomplete=autocomplete)
    return element("label", escape(label) + given + element("small", escape(hint)))
