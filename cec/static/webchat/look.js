// How the widget looks: one sheet for its shadow, made by script, so that no site's rules of style are in its way.
const SHEET = `
:host{all:initial;--ink:#1d2530;--ink-2:#566070;--ground:#fff;--tint:#f1f2f4;--line:#d5d9df;--edge:#7c8797;--bad:#b3261e;--good:#1f6f3f;
  --focus:#1a56c4;font:15px/1.45 Inter,system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);color-scheme:light}
:host([data-theme=dark]){--ink:#e8ebf0;--ink-2:#a9b2bf;--ground:#1b2027;--tint:#2a313b;--line:#39424e;--edge:#7d8998;--bad:#ff9c92;--good:#7fd6a1;--focus:#8ab4ff;color-scheme:dark}
*{box-sizing:border-box}[hidden]{display:none!important}
button,input,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer;border:0;background:none;padding:0}
button:disabled{cursor:default}
a{color:inherit;text-decoration:underline}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
svg{width:20px;height:20px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;flex:none}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.frame{position:fixed;bottom:24px;right:24px;z-index:2147483000;display:flex;flex-direction:column;align-items:flex-end;gap:12px}
.frame.left{right:auto;left:24px;align-items:flex-start}
.frame.inline{position:static}
.launch{position:relative;width:56px;height:56px;border-radius:50%;background:var(--color);color:var(--on-color);display:grid;place-items:center;box-shadow:0 4px 16px rgb(0 0 0/.28)}
.launch svg{width:26px;height:26px}
.badge{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#b3261e;color:#fff;font-size:13px;font-weight:600;line-height:22px;text-align:center;border:0}
.panel{width:376px;height:600px;max-width:calc(100vw - 32px);max-height:calc(100vh - 48px);max-height:calc(100dvh - 48px);display:grid;grid-template-rows:auto minmax(0,1fr) auto;border-radius:16px;background:var(--ground);overflow:hidden;box-shadow:0 8px 40px rgb(0 0 0/.28)}
.top{display:flex;align-items:center;gap:11px;padding:12px 10px 12px 16px;background:var(--color);color:var(--on-color)}
.top .face{width:38px;height:38px;border-radius:50%;display:grid;place-items:center;background:var(--on-color);color:var(--color);font-weight:600;font-size:14px;flex:none}
.top .who{min-width:0;flex:1}
.top h2,.top p{margin:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.top h2{font-size:16px;font-weight:600}.top p{font-size:13px}
.top button{width:40px;height:40px;border-radius:8px;display:grid;place-items:center}
.top button:focus-visible{outline-color:var(--on-color);outline-offset:-3px}
.feed{overflow-y:auto;overscroll-behavior:contain;padding:14px;display:flex;flex-direction:column;gap:10px;scrollbar-width:thin}
.lines{display:contents}
.say{max-width:86%;align-self:flex-start}
.say.mine{align-self:flex-end;display:grid;justify-items:end}
.by{font-size:12px;color:var(--ink-2);margin-bottom:3px}.by b{font-weight:600;margin-right:6px;color:var(--ink)}
.words{padding:8px 11px;border-radius:4px 14px 14px 14px;background:var(--tint);white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start}
.mine .words{border-radius:14px 4px 14px 14px;background:var(--color);color:var(--on-color)}
.mine.failed .words{background:none;border:1px dashed var(--bad);color:var(--ink)}
.mine.waiting .words{opacity:.75}
.under{font-size:12px;color:var(--ink-2);margin-top:3px;display:flex;gap:8px;flex-wrap:wrap;justify-content:flex-end}
.under.bad{color:var(--bad)}.under button{text-decoration:underline;min-height:24px}
.files{display:grid;gap:6px;margin-top:6px}.words .files:first-child{margin-top:0}
.files a{display:flex;gap:8px;align-items:center;overflow-wrap:anywhere}
.files img{display:block;max-width:100%;max-height:180px;border-radius:8px;background:var(--ground)}
.sys{align-self:center;text-align:center;font-size:12px;color:var(--ink-2);max-width:90%}
.writes{font-size:12px;color:var(--ink-2);min-height:18px;display:flex;gap:8px;align-items:center}
.dots{display:inline-flex;gap:4px}.dots i{width:6px;height:6px;border-radius:50%;background:var(--ink-2)}
.box{display:grid;gap:10px;padding:12px;border:1px solid var(--line);border-radius:12px;margin:0}
.box h3,.box legend{margin:0;padding:0;font-size:15px;font-weight:600}
.box fieldset{border:0;margin:0;padding:0;min-width:0}
.box p{margin:0}
label.ask{display:grid;gap:4px;font-size:13px}
.ask span{color:var(--ink-2)}
label.agree{display:flex;gap:8px;align-items:flex-start;font-size:13px}
label.agree input{width:20px;height:20px;flex:none;margin:0;accent-color:var(--color)}
input[type=text],input[type=email],input[type=tel],textarea{width:100%;min-height:44px;padding:9px 12px;font-size:16px;border:1px solid var(--edge);border-radius:12px;background:var(--ground);color:var(--ink);resize:none}
[aria-invalid=true]{border-color:var(--bad)!important}
.wrong{color:var(--bad);font-size:13px}
.go{min-height:40px;padding:0 16px;border-radius:12px;background:var(--color);color:var(--on-color);font-weight:500}
.plain{min-height:40px;padding:0 12px;border-radius:12px;border:1px solid var(--edge)}
.row{display:flex;gap:8px;flex-wrap:wrap}
.stars{display:flex;gap:2px;margin-top:6px}.stars label{position:relative;width:40px;height:40px;display:grid;place-items:center;border-radius:8px;cursor:pointer}
.stars input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}.stars svg{width:28px;height:28px}
.stars label.on svg{fill:currentColor}.stars label:focus-within{outline:2px solid var(--focus)}
.bottom{display:grid;gap:8px;padding:10px 14px 12px;border-top:1px solid var(--line)}
.line{display:flex;align-items:flex-end;gap:6px}
.line textarea{flex:1;max-height:132px;overflow-y:auto}
.icon{width:44px;height:44px;border-radius:12px;display:grid;place-items:center;flex:none}
.icon:hover{background:var(--tint)}
.sendit{background:var(--color);color:var(--on-color)}.sendit:hover{background:var(--color);filter:brightness(1.1)}
.chosen{display:grid;gap:4px;max-height:110px;overflow-y:auto}
.chosen div{display:flex;gap:8px;align-items:center;font-size:13px;background:var(--tint);border-radius:8px;padding:2px 4px 2px 10px}
.chosen span{flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.chosen button{width:32px;height:32px;display:grid;place-items:center}
.small{margin:0;font-size:12px;color:var(--ink-2)}.small button{text-decoration:underline;min-height:24px}
.lost{margin:0;font-size:13px;color:var(--bad)}
@media (max-width:480px){
  .frame:not(.inline):has(.panel:not([hidden])){inset:0;gap:0}
  .frame:not(.inline) .panel{width:100vw;max-width:none;height:100dvh;max-height:none;border-radius:0}
  .frame:not(.inline):has(.panel:not([hidden])) .launch{display:none}
}
@media (prefers-reduced-motion:no-preference){.dots i{animation:d 1.2s infinite}.dots i:nth-child(2){animation-delay:.2s}.dots i:nth-child(3){animation-delay:.4s}@keyframes d{50%{opacity:.25}}}
@media (forced-colors:active){.launch,.words,.go,.icon{border:1px solid}}
`;

/** Give a host its sheet, and the colours of this chat; the theme follows the visitor's unless the site has chosen one. */
export const dress = (host, shadow, settings) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  shadow.adoptedStyleSheets = [sheet];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    host.dataset.theme = settings.theme === "auto" ? (dark.matches ? "dark" : "light") : settings.theme;
    host.style.setProperty("--color", settings.color);
    host.style.setProperty("--on-color", settings.on_color);
  };
  dark.addEventListener("change", paint);
  paint();
  return paint;
};
