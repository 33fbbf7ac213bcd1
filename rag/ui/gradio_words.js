// What Gradio says in English only, with the Chinese beside it: language.js shows one of the two.
const withChinese = (() => {
  "use strict";
  // Texts are looked at in these places only: elsewhere they may be a report's or a question's.
  const PLACES = ".toast-wrap, #rag-upload";
  const WORDS = [
    [/^Error(?=\s*$)/, "出错"],
    [/^Connection to the server was lost\. Attempting reconnection\.+/, "与服务器的连接已断开，正在重连……"],
    [/^Uploading (\d+)\s+files?\.+/, "正在上传 $1 个文件……"],
    [/^File\(s\) exceed the maximum allowed size of ([\d.]+ \w+): /, "文件超过一次可给的上限 $1："],
    [/^Close$/, "关闭"],
    [/^Reset to default value$/, "恢复默认值"],
    [/^Click to upload or drop files$/, "点击或拖放以添加文件"],
    [/^File upload$/, "添加文件"],
    [/^chatbot conversation$/, "对话"],
    [/^Scroll to bottom$/, "回到末尾"],
    [/^number input for /, "数值："],
    [/^range slider for /, "滑块："],
  ];

  // Gradio calls the button that removes a choice by the choice's number, as in `Remove 0`.
  function named(value, button) {
    const choice = button.parentElement.querySelector("span").textContent.trim();
    return value.replace(/\d+$/, choice);
  }

  // The value of a text or attribute node, its English paired with Chinese.
  return (node) => {
    const button = node.ownerElement;
    if (button && button.matches(".token > .token-remove")) return named(node.nodeValue, button);
    const known = WORDS.find(([english]) => english.test(node.nodeValue));
    const isText = node.nodeType === Node.TEXT_NODE;
    if (!known || (isText && !node.parentElement.closest(PLACES))) return node.nodeValue;
    const [english, chinese] = known;
    return node.nodeValue.replace(english, (said) => both(said.replace(english, chinese), said));
  };
})();
