"""Hostile mail of our own making: HTML, names of files and words that try to run or to fetch something.

Whatever would run calls `ran`, whatever would be fetched lies on evil.example.
"""

import base64

RUN = "top.ran=1;parent.ran=1;alert(1)"
AWAY = "http://evil.example/"

HTML = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror='{RUN}'>",
    f"<svg/onload={RUN.replace(';', '&#59;')}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<math><mi//xlink:href='javascript:{RUN}'>click",
    f"<a href='javascript:{RUN}'>link</a><a href=' &#1;javascript:{RUN}'>link</a>",
    f"<a href='java&#9;script:{RUN}'>link</a><a href='\u2003javascript:{RUN}'>link</a>",
    f"<iframe src='javascript:{RUN}'></iframe><iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<object data='{AWAY}a.swf'></object><embed src='{AWAY}b.swf'><applet code=x></applet>",
    (
        f"<link rel=stylesheet href='{AWAY}c.css'>"
        f"<style>@import '{AWAY}d.css'; body{{background:url({AWAY}e.png)}}</style>"
    ),
    f"<div style='background-image:url({AWAY}f.png);behavior:url({AWAY}g)'>styled</div>",
    f"<div style='width:expression({RUN})'>styled</div>",
    f"<img src='{AWAY}h.png' srcset='{AWAY}i.png 2x'><picture><source srcset='{AWAY}j.png'><img></picture>",
    f"<video src='{AWAY}k.mp4' autoplay poster='{AWAY}l.png'></video><audio src='{AWAY}m.mp3' autoplay></audio>",
    f"<base href='{AWAY}'><img src='relative.png'>",
    f"<meta http-equiv=refresh content='0;url={AWAY}n'>",
    (
        f"<form action='{AWAY}o'><input name=q autofocus onfocus='{RUN}'>"
        f"<button formaction='javascript:{RUN}'>go</button></form>"
    ),
    f"<details open ontoggle='{RUN}'><summary>x</summary></details><body onload='{RUN}'>",
    f"<noscript><p title=\"</noscript><img src=x onerror='{RUN}'>\"></noscript>",
    f"<title><img src=x onerror='{RUN}'></title><textarea><img src=x onerror='{RUN}'></textarea>",
    f"<table background='{AWAY}p.png'><tr><td background='{AWAY}q.png'>cell</td></tr></table>",
    (
        f"<img src='//evil.example/r.png'><img src='\\\\evil.example\\s.png'>"
        f"<img src='data:text/html,<script>{RUN}</script>'>"
    ),
    f"<!--[if gte IE 4]><script>{RUN}</script><![endif]--><xml id=x><a><b>&lt;script>{RUN}&lt;/script></b></a></xml>",
    f"</div></main></body><script>{RUN}</script><plaintext>",
    f"<template><script>{RUN}</script></template><marquee onstart='{RUN}'>x</marquee>",
    f"<a href='{AWAY}t' ping='{AWAY}u' target=_self>ping</a><area href='javascript:{RUN}'>",
    f"{{{{constructor.constructor('{RUN}')()}}}} ${{{RUN}}} <%= {RUN} %>",
]

WORDS = [
    f"<img src=x onerror='{RUN}'>",
    f'"><script>{RUN}</script>',
    f"'-alert(1)-' <svg onload={RUN}>",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
]

FILES = {
    "invoice\u200b.htaccess": "text/plain",
    ".htaccess": "text/plain",
    "../../../../etc/passwd": "text/plain",
    "..\\..\\windows\\win.ini": "text/plain",
    "zero\x00.html.txt": "text/html",
    f"<img src=x onerror={RUN}>.png": "image/png",
    "picture.svg": "image/svg+xml",
    "page.html": "text/html",
    "gnp.\u202etxt.exe": "application/octet-stream",
    "n" * 300 + ".pdf": "application/pdf",
    "a\r\nX-Evil: 1\r\n.txt": "text/plain",
    "": "application/x-php",
}
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'><script>{RUN}</script></svg>".encode()


def quoted(name: str) -> bytes:
    """Write a file name as RFC 2231 does, so that whatever is in it comes through."""
    return b"utf-8''" + b"".join(b"%%%02X" % byte for byte in name.encode())


def letter(number: int, html: str, *, answers: str = "", sender: str = "", subject: str = "") -> bytes:
    """Write a mail whose every part is hostile; by hand, as no library would."""
    name, kind = list(FILES.items())[number % len(FILES)]
    words = WORDS[number % len(WORDS)]
    sender = sender or f"=?utf-8?b?{_base64(words)}?= <evil@client.example>"
    return b"\r\n".join(
        [
            f"From: {sender}".encode(),
            b"To: shop@demo.example",
            f'Cc: "{words.replace(chr(34), "")}" <cc{number}@client.example>'.encode(),
            f"Subject: =?utf-8?b?{_base64(subject or words)}?=".encode(),
            f"Message-ID: <evil.{number}@client.example>".encode(),
            *([f"In-Reply-To: {answers}".encode()] if answers else []),
            b'Content-Type: multipart/mixed; boundary="cut"',
            b"",
            b"--cut",
            b'Content-Type: multipart/alternative; boundary="both"',
            b"",
            b"--both",
            b"Content-Type: text/plain; charset=utf-8",
            b"",
            f"{number}: {words}".encode(),
            b"--both",
            b"Content-Type: text/html; charset=utf-8",
            b"",
            html.encode(),
            b"--both--",
            b"--cut",
            f"Content-Type: {kind}".encode(),
            b"Content-Disposition: attachment; filename*=" + quoted(name),
            b"",
            SVG,
            b"--cut--",
            b"",
        ]
    )


def _base64(words: str) -> str:
    return base64.b64encode(words.encode()).decode()
