/* Own measures of a page, beside axe: what a reader of 80 needs and axe does not look at.
   Called as (cfg) => findings; each finding is {r: rule, v: value, sel: where, t: words}. */
(cfg) => {
  const out = [];
  const name = (el) => {
    const css = (el.getAttribute("class") || "").trim().split(/\s+/).filter(Boolean).slice(0, 2).join(".");
    return el.tagName.toLowerCase() + (el.id ? "#" + el.id : "") + (css ? "." + css : "");
  };
  const find = (r, v, el, t) => out.push({ r, v, sel: el ? name(el) : "", t: (t || (el && el.innerText) || "").trim().slice(0, 30) });
  const hidden = (el) => {
    if (el.closest(".visually-hidden,.skip-link,[hidden],noscript,template,dialog:not([open]),details:not([open]) > *:not(summary)")) return true;
    const style = getComputedStyle(el), box = el.getBoundingClientRect();
    return style.visibility === "hidden" || style.display === "none" || !box.width || !box.height;
  };
  const px = (v) => parseFloat(v) || 0;
  const all = (s) => [...document.querySelectorAll(s)].filter((el) => !hidden(el));

  /* type */
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  let body = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const el = node.parentElement, text = node.data.trim();
    if (!text || el.closest("script,style,svg") || hidden(el)) continue;
    const style = getComputedStyle(el), size = px(style.fontSize);
    if (size < cfg.minFont - 0.05) find("font-size", size, el, text);
    if (style.fontStyle !== "normal") find("italic", style.fontStyle, el, text);
    if (style.textAlign === "justify") find("justified", "", el, text);
    if (el.closest("main p,main li,main dd") && !el.closest(".small,.tag,.hint,.crumbs,table,.btn,.tool,.number,.lead,.notice,.receipt")) body = Math.max(body, size);
    const range = document.createRange();
    range.selectNodeContents(node);
    const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
    if (tops.size > 1) {
      const need = el.closest("h1,h2,h3,.number,.btn,.tool,button,legend,label,.tile,.nav-list,.band,th,td,.pick,.tag,dt") ? 1.3 : cfg.lh;
      const ratio = px(style.lineHeight) / size;
      if (ratio < need - 0.01) find("line-height", ratio.toFixed(2), el, text);
    }
    const block = el.closest("p,li,dd,figcaption,blockquote");
    if (block && !seen.has(block)) {
      seen.add(block);
      const s = getComputedStyle(block), width = block.clientWidth - px(s.paddingLeft) - px(s.paddingRight), chars = width / px(s.fontSize);
      const lines = document.createRange();
      lines.selectNodeContents(block);
      if (chars > cfg.maxCjk + 0.5 && tops.size > 1) find("line-length", chars.toFixed(1), block, text);
    }
  }
  if (cfg.body && body && body < cfg.body - 0.05) find("body-size", body, document.body, `body text under ${cfg.body}px`);

  if (cfg.paraGap) {
    all("main p + p").forEach((p) => {
      const before = p.previousElementSibling;
      if (hidden(before) || p.closest(".notice,.done-panel,.timeline,.tile,.receipt,.help-bar,.acting,.error-summary,.summary-head") || before.matches(".steps,.error,.hint") || p.matches(".error,.hint,.row")) return;
      const gap = p.getBoundingClientRect().top - before.getBoundingClientRect().bottom, line = px(getComputedStyle(p).lineHeight);
      if (gap >= 0 && gap / line < cfg.paraGap - 0.02) find("para-gap", (gap / line).toFixed(2), p);
    });
  }

  /* targets */
  const union = (el) => {
    let { left, top, right, bottom } = el.getBoundingClientRect();
    const labels = el.matches("input") ? [...(el.labels || [])] : [];
    if (el.matches("input[type=radio],input[type=checkbox]"))
      labels.forEach((l) => {
        const b = l.getBoundingClientRect();
        [left, top, right, bottom] = [Math.min(left, b.left), Math.min(top, b.top), Math.max(right, b.right), Math.max(bottom, b.bottom)];
      });
    return { el, left, top, right, bottom };
  };
  const inline = (el) => {
    if (!el.matches("a") || getComputedStyle(el).display !== "inline") return false;
    const block = el.closest("p,li,dd,td,th,figcaption,label");
    return !!block && block.innerText.trim().length > el.innerText.trim().length + 2;
  };
  const targets = all("a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button]").filter((el) => !inline(el)).map(union);
  for (const { el, left, top, right, bottom } of targets) {
    const min = el.matches(".btn,.tile") ? cfg.tapMain : cfg.tap;
    if (bottom - top < min - 0.5) find("target-height", (bottom - top).toFixed(1), el);
    if (right - left < Math.min(cfg.tap, 44) - 0.5) find("target-width", (right - left).toFixed(1), el);
  }
  const fixed = (el) => !!el.closest(".batch-bar,.skip-link,.menu-panel");
  for (let i = 0; i < targets.length; i += 1)
    for (let j = i + 1; j < targets.length; j += 1) {
      const a = targets[i], b = targets[j];
      if (a.el.contains(b.el) || b.el.contains(a.el) || fixed(a.el) !== fixed(b.el) || a.el.closest(".band-search") && a.el.closest(".band-search") === b.el.closest(".band-search")) continue;
      const dx = Math.max(a.left - b.right, b.left - a.right), dy = Math.max(a.top - b.bottom, b.top - a.bottom);
      if (Math.max(dx, dy) < cfg.gap - 0.5) find("target-gap", Math.max(dx, dy).toFixed(1), a.el, `${name(a.el)} / ${name(b.el)} ${(b.el.innerText || "").trim().slice(0, 12)}`);
    }

  /* the page as a whole */
  if (document.documentElement.scrollWidth > innerWidth + 1) {
    const wide = [...document.querySelectorAll("body *")].filter((el) => !el.closest(".table-wrap,.visually-hidden,.skip-link") && el.getBoundingClientRect().right > innerWidth + 1)[0];
    find("sideways-scroll", document.documentElement.scrollWidth, wide || document.body);
  }
  const clipped = [...document.querySelectorAll("main *")].filter((el) => !hidden(el) && ["hidden", "clip"].includes(getComputedStyle(el).overflowY) && !el.matches("svg,svg *,progress,textarea") && el.scrollHeight > el.clientHeight + 2);
  clipped.forEach((el) => find("clipped", el.scrollHeight - el.clientHeight, el));
  const primaries = all(".btn-primary");
  if (primaries.length > 1) find("one-primary", primaries.length, primaries[1]);
  if (all("h1").length !== 1) find("one-h1", all("h1").length, document.body);
  if (cfg.noPopup && document.querySelector("dialog[open],[role=dialog]")) find("pop-up", "", document.querySelector("dialog[open],[role=dialog]"));
  [...document.querySelectorAll("[style]")].forEach((el) => find("inline-style", el.getAttribute("style"), el));
  [...document.querySelectorAll(".tag")].forEach((el) => { if (!el.textContent.trim() || !el.querySelector("svg")) find("tag-words", "", el); });
  const running = document.getAnimations ? document.getAnimations().length : 0;
  if (running) find("animation", running, document.body);
  const words = document.body.innerText;
  (cfg.banned || []).forEach((w) => { if (words.includes(w)) find("banned-word", w, document.body, w); });
  return out;
}
