/* Small helps on pages that work without any script. */
(() => {
	const doc = document;
	const $ = (s, at = doc) => at.querySelector(s), $$ = (s, at = doc) => [...at.querySelectorAll(s)];
	const on = (types, fn, capture) => types.split(" ").forEach((t) => doc.addEventListener(t, fn, capture));
	const make = (tag, css = "", text = "") => Object.assign(doc.createElement(tag), { className: css, textContent: text });
	const say = (text) => { $("#live").textContent = text; };
	const SLOW = "网络有点慢，请稍等", LOST = "没有连上，您填的内容还在。";

	const net = (kind, text, again) => {
		const box = $("#net");
		if (!box) return;
		box.textContent = "";
		if (!text) return;
		const note = make("div", `notice notice-${kind}`), inner = make("div");
		inner.append(make("p", "", text));
		if (again) {
			const b = make("button", "btn btn-sec", "再试一次");
			b.type = "button";
			b.onclick = () => { net(); again(); };
			inner.append(b);
		}
		note.append(inner);
		box.append(note);
	};

	/* one press, one request */
	const busy = new Map();
	const ready = (form) => {
		delete form.dataset.sent;
		clearTimeout(form.slow);
		busy.forEach((nodes, b) => {
			if (b.form !== form) return;
			b.replaceChildren(...nodes);
			b.removeAttribute("aria-disabled");
			busy.delete(b);
		});
	};
	on("submit", (e) => {
		const form = e.target;
		if (e.defaultPrevented || form.method !== "post") return;
		if (form.dataset.sent) return e.preventDefault();
		form.dataset.sent = "1";
		form.dataset.dirty = "";
		const b = e.submitter || $("button:not([type])", form);
		setTimeout(() => {
			if (!b || !b.matches(".btn")) return;
			busy.set(b, [...b.childNodes]);
			b.setAttribute("aria-disabled", "true");
			b.textContent = b.dataset.busy || "正在提交…";
		});
		form.slow = setTimeout(() => net("info", SLOW), 10000);
		if (form.matches("[data-download]")) setTimeout(ready, 3000, form);
	});
	addEventListener("pageshow", (e) => { if (e.persisted) { $$("form").forEach(ready); net(); } });

	/* type size and contrast in place */
	on("submit", (e) => {
		const form = e.target, b = e.submitter;
		if (!form.matches("[data-display]") || !b) return;
		e.preventDefault();
		e.stopPropagation();
		const data = new FormData(form);
		data.set(b.name, b.value);
		fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } }).then((r) => r.json()).then((now) => {
			const root = doc.documentElement;
			for (const k of ["size", "contrast"]) {
				root.dataset[k] = now[k];
				$$(`[data-${k}-label]`).forEach((s) => { s.textContent = now[`next_${k}_label`]; s.closest("button").value = now[`next_${k}`]; });
				$$(`[data-display] [name=${k}][aria-pressed]`).forEach((x) => x.setAttribute("aria-pressed", x.value === now[k]));
			}
			root.dataset.chosen = "";
			say("已经换好");
			if (form.matches("[data-once]")) { form.closest("section").remove(); $("#main").focus(); }
		}).catch(() => net("warn", LOST));
	}, true);

	/* read aloud: a Chinese voice of the device, or a recording */
	const reader = $("[data-read]");
	if (reader) {
		const synth = window.speechSynthesis, sound = reader.dataset.audio && new Audio(reader.dataset.audio);
		let voice, reading = false, marked;
		const mark = (el) => {
			if (marked) marked.classList.remove("reading");
			if ((marked = el)) el.classList.add("reading");
		};
		const turn = (state) => {
			reading = state;
			$("span", reader).textContent = state ? "停止朗读" : "读给我听";
			reader.setAttribute("aria-pressed", state);
			if (state) return;
			if (sound) sound.pause(); else synth.cancel();
			mark();
		};
		const find = () => {
			voice = synth && synth.getVoices().find((v) => /^(zh|cmn)/i.test(v.lang));
			reader.hidden = !voice && !sound;
		};
		const next = (list) => {
			const el = list.shift();
			if (!reading || !el) return turn(false);
			const u = new SpeechSynthesisUtterance(el.innerText.trim());
			Object.assign(u, { lang: "zh-CN", voice, rate: 0.85, onend: () => next(list), onerror: () => turn(false) });
			mark(el);
			synth.speak(u);
		};
		find();
		if (synth && synth.addEventListener) synth.addEventListener("voiceschanged", find);
		reader.onclick = () => {
			turn(!reading);
			if (!reading) return;
			if (sound) { sound.onended = () => turn(false); sound.play().catch(sound.onended); }
			else next($$("h1,h2,h3,p,li,dt,dd,legend,label,.btn", $("#main")).filter((el) => el.offsetParent && el.innerText.trim() && !$("p,li,h2,h3", el)));
		};
		addEventListener("pagehide", () => reading && turn(false));
	}

	/* dialogs (staff) and back links */
	let opener;
	on("click", (e) => {
		const el = e.target.closest && e.target.closest("[data-open],[data-close],[data-back]");
		if (!el) return;
		if (el.dataset.open) {
			const d = doc.getElementById(el.dataset.open), first = $("input:not([type=hidden]),select,textarea", d);
			opener = el;
			d.showModal();
			if (first) first.focus();
		} else if (el.matches("[data-close]")) el.closest("dialog").close();
		else if (history.length > 1) { e.preventDefault(); history.back(); }
	});
	on("close", () => { if (opener) opener.focus(); opener = null; }, true);

	/* tables: all, Shift+click, count */
	let last;
	const count = (form) => {
		const boxes = $$("[data-row]", form), n = boxes.filter((b) => b.checked).length, all = $("[data-all]", form);
		if (all) { all.checked = n && n === boxes.length; all.indeterminate = n && n < boxes.length; }
		const words = n ? `已选 ${n} ${form.dataset.unit || "人"}` : "勾选要办的行", shown = $("[data-batch-words]", form);
		if (shown) shown.textContent = words;
		return words;
	};
	on("click", (e) => {
		const box = e.target, form = box.form;
		if (!form || !form.matches("[data-batch]") || !box.matches("[data-row],[data-all]")) return;
		const boxes = $$("[data-row]", form), from = boxes.indexOf(last), to = boxes.indexOf(box);
		boxes.forEach((b, i) => {
			if (to < 0 || (e.shiftKey && from >= 0 && (i - from) * (i - to) <= 0)) b.checked = box.checked;
		});
		last = box;
		say(count(form));
	});
	on("reset", (e) => setTimeout(() => e.target.matches("[data-batch]") && count(e.target)));

	/* unsaved work */
	on("input", (e) => { const f = e.target.form; if (f && f.matches("[data-guard]")) f.dataset.dirty = "1"; });
	addEventListener("beforeunload", (e) => { if ($("[data-guard][data-dirty='1']")) e.preventDefault(); });

	/* keys, but not while a word is being composed */
	let typing = false;
	on("compositionstart", () => { typing = true; });
	on("compositionend", (e) => { typing = false; e.target.dispatchEvent(new Event("input", { bubbles: true })); });
	on("keydown", (e) => {
		const el = e.target;
		if (e.isComposing || e.keyCode === 229) return e.stopPropagation();
		const search = e.key === "/" && !el.closest("input,textarea,select,dialog") && $("[data-shortcut='/']");
		if (search) { e.preventDefault(); search.focus(); }
		if (e.key === "Enter" && e.ctrlKey && el.form && el.form.matches("[data-guard]")) el.form.requestSubmit();
	}, true);

	/* htmx */
	on("htmx:configRequest", (e) => {
		const token = $("[name=csrfmiddlewaretoken]");
		if (token && e.detail.verb !== "get") e.detail.headers["X-CSRFToken"] = token.value;
	});
	on("htmx:beforeRequest", (e) => {
		const { xhr, target } = e.detail;
		if (typing) return e.preventDefault();
		target.setAttribute("aria-busy", "true");
		xhr.waits = [setTimeout(say, 300, "正在查询…"), setTimeout(net, 10000, "info", SLOW)];
	});
	on("htmx:afterRequest", (e) => {
		const { xhr, target, successful } = e.detail;
		(xhr.waits || []).forEach(clearTimeout);
		target.removeAttribute("aria-busy");
		if (successful) net();
	});
	on("htmx:sendError htmx:timeout htmx:responseError", (e) => {
		const el = e.detail.elt, form = el.closest("form");
		net("warn", LOST, () => (form ? form.requestSubmit() : el.click()));
	});
	const arrived = () => {
		const el = $("[data-focus]");
		if (el) { el.focus(); el.removeAttribute("data-focus"); }
		$$("[data-batch]").forEach(count);
	};
	on("htmx:afterSettle", arrived);
	arrived();
})();
