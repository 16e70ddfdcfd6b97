"""How mail programs mark the history below an answer: attributions, separators, quoted heads, signatures.

Two dozen programs and a dozen languages; Russian and webmail forms first of all.
"""

import re

_WROTE = (
    r"wrote|writes|написал(?:а|\(а\)|и|/а)?|пишет|пишут|писал(?:а|и|\(а\)|/а)?|сообщил(?:а|\(а\))?|schrieb|a écrit"
    r"|escribió|escreveu|ha scritto|scrisse|schreef|skrev|kirjoitti|napisał(?:a|\(a\))?|napsala?|написав(?:ла)?|yazdı"
    r"|đã viết|写道|さんは書きました|作成"
)
ATTRIBUTION = re.compile(rf"(?:\b(?:{_WROTE})\b|写道).{{0,60}}?[:：]?\s*(?:<[^<>]*>)?\s*[-—]*$", re.IGNORECASE)
OPENING = re.compile(
    r"^[-—\s>*]*(?:(?:on|am|le|el|il|em|op|den|dne|dnia|w dniu|vào|вы (?:на)?писали|пн|вт|ср|чт|пт|сб|вс"
    r"|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)\b|\d{1,4}[./-]\d|\d{1,2}\s+\w{3,}|\w{3,12},?\s+\d{1,2}\s)",
    re.IGNORECASE,
)
# Without one of these a line begins no history, unless it opens as an attribution does.
SIGN = re.compile(r"[:：>]|[-_=—–]{2}")
DATED = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
ADDRESSED = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
BEFORE_QUOTE = re.compile(r"<[^<>\s]{1,64}@[^<>\s]{1,255}>\s*:\s*$")
SEPARATOR = re.compile(
    r"^[\s>*]*(?:[-_=—–]{2,}\s*(?:original message|original appointment|forwarded (?:message|by)|исходное сообщение"
    r"|оригинальное сообщение|первоначальное сообщение|пересылаемое сообщение|пересланное сообщение"
    r"|перенаправленное сообщение|переадресованное сообщение|переслано|конец пересылаемого сообщения"
    r"|ursprüngliche nachricht|urspr\. nachricht|weitergeleitete nachricht|message d['’]origine|message original"
    r"|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|original meddelelse"
    r"|ursprungligt meddelande|wiadomość oryginalna|původní zpráva|reply message)\s*[-_=—–:]{0,80}"
    r"|(?:begin forwarded message|начало (?:переадресованного|пересылаемого) сообщения)\s*:\s*$)",
    re.IGNORECASE,
)
SHARED_LINE = re.compile(r"[-—]{3,}\s*On .{5,200}wrote\s*:\s*[-—]*$", re.IGNORECASE)
# Lotus Notes: -----"Shop" <shop@shop.example> wrote: -----
BETWEEN_DASHES = re.compile(rf"^[-—]{{4,}}.{{0,300}}\b(?:{_WROTE})\s*:\s*[-—]{{4,}}$", re.IGNORECASE)
HEAD_FROM = re.compile(
    r"^[\s>*_]*(?:from|от|от кого|von|de|da|från|van|fra|od|lähettäjä|від|发件人|差出人|寄件者)\s?\*{0,2}[:：]\*{0,2}",
    re.IGNORECASE,
)
HEAD_OTHER = re.compile(
    r"^[\s>*_]*(?:sent|date|to|cc|subject|reply-to|отправлено|дата|кому|копия|тема|gesendet|datum|an|betreff|envoyé|date"
    r"|message du|à|copie à|objet|sujet|enviado(?: el)?|enviada|para|asunto|assunto|inviato|data|a|oggetto|skickat|till"
    r"|ämne|verzonden|aan|onderwerp|til|emne|sendt|wysłano|do|temat|odesláno|komu|předmět|надіслано|发送时间|收件人|主题"
    r"|日時|宛先|件名)\s?\*{0,2}[:：]\*{0,2}",
    re.IGNORECASE,
)
SENT_FROM = re.compile(
    r"^\s*(?:sent from (?:my\s|mail|yahoo|outlook|samsung|proton|\S{1,30}\s?<http|\S{1,30}$)"
    r"|get outlook for|получить outlook для|скачать outlook для|отправлено (?:с|из|через)\s"
    r"|отправлено с моего|envoyé de mon|von meinem .{1,40} gesendet|gesendet von|enviado desde|inviato da"
    r"|verzonden vanaf|skickat från|sendt fra)",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"^\s?(?:--|—|__)\s?$")
RULE = re.compile(r"^[\s>*]*[-_=—–*]{3,}\s*$")
# The Bat! puts the initials of whom it quotes before each line: АП> Где заказ?
INITIALS = re.compile(r"^\s?[A-ZА-ЯЁ]{1,3}>")
