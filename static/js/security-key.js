/* Security keys: the browser speaks with the key, the form carries its answer. And a button that prints. */
(() => {
	const json = window.webauthnJSON;
	const NO = { NotAllowedError: "没有完成，请再试一次。", InvalidStateError: "这把密钥已经加过了。" };
	const show = (form, kind) => form.querySelectorAll(`[data-key-${kind}]`).forEach((part) => { part.hidden = !part.hidden; });
	document.querySelectorAll("form[data-key]").forEach((form) => {
		if (!json || !window.PublicKeyCredential) return;
		show(form, "there");
		show(form, "missing");
		form.addEventListener("submit", async (event) => {
			if (form.credential.value) return;
			event.preventDefault();
			event.stopPropagation();
			const said = form.querySelector("[data-key-said]");
			said.textContent = "";
			try {
				const answer = await json[form.dataset.key](JSON.parse(form.dataset.options));
				form.credential.value = JSON.stringify(answer);
				form.requestSubmit();
			} catch (error) {
				said.textContent = NO[error.name] || "这把密钥用不了，请换一把或换个办法。";
			}
		}, true);
	});
	document.querySelectorAll("[data-print]").forEach((button) => {
		button.hidden = false;
		button.addEventListener("click", () => print());
	});
})();
