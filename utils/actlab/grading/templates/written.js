"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const place = `actlab written ${data.homework} ${location.pathname}`;
  const round = (number) => Math.round(100 * number) / 100;
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  // --- what is known of each card: points (null: none), comment, lines of the rubric, the question that it answers ---

  const questions = data.questions.map((question) => ({ ...question, declared: question.most }));
  const cards = data.cards.map((card, at) => {
    const first = card.given[0];
    const agreed = card.given.every((given) => same(given?.slice(0, 2), first?.slice(0, 2)));
    const start = {
      question: card.question < 0 && first ? card.open[0] : card.question,
      points: agreed && first ? first[0] : null,
      comment: agreed && first ? first[1] : "",
      credits: [],
    };
    return { ...card, ...start, agreed, start, at, root: $(`card-${at}`), touched: false };
  });
  let current = null, form = null, handle = null, unsaved = false, named = false, keeps = true;

  const most = (card) => questions[card.question]?.most;
  const isScored = (card) => card.points !== null && card.points <= most(card);
  const isMixed = (card) => !card.touched && !card.agreed;
  const label = (card) => {
    if (isMixed(card)) return "scored one by one";
    if (card.points === null) return card.comment ? "a comment, not scored" : "not scored";
    if (card.question < 0) return `${card.points}, for which question?`;
    return isScored(card) ? `${card.points} of ${most(card)}` : `${card.points}, more than ${most(card)}`;
  };

  // --- drafts: what is not in force yet, kept by this browser --------------------------------------------------------

  const keep = () => {
    const touched = cards.filter((card) => card.touched);
    const kept = touched.map(({ key, question, points, comment, credits, given }) =>
      [key, { question, points, comment, credits, given }]);
    const declared = questions.map(({ item, most, declared }) => [item, [most, declared]]);
    try {
      localStorage.setItem(place, JSON.stringify({ unsaved, cards: Object.fromEntries(kept), most: Object.fromEntries(declared) }));
    } catch {
      if (keeps) say("This browser keeps no drafts: save often.");
      keeps = false;
    }
  };
  const restore = () => {
    let draft = null;
    try { draft = JSON.parse(localStorage.getItem(place)); } catch { /* nothing is kept, or nothing that makes sense */ }
    if (!draft?.cards) return;
    for (const question of questions) {
      const [value, declared] = draft.most?.[question.item] ?? [];
      if (value > 0 && declared === question.declared) question.most = value;
    }
    let many = 0;
    for (const card of cards) {
      const one = draft.cards[card.key];
      if (!one || !same(one.given, card.given)) continue;
      const { question, points, comment, credits } = one;
      Object.assign(card, { question, points, comment, credits, touched: true });
      many += 1;
    }
    unsaved = Boolean(draft.unsaved && many);
    if (!many) return;
    $("restored").querySelector("span").textContent =
      `Restored from your last visit: ${many} ${many === 1 ? "answer" : "answers"}${unsaved ? ", not saved yet." : `, saved in an ${data.file} that no run has read yet.`}`;
    $("restored").hidden = false;
  };
  const forget = () => {
    if (!confirm("Forget what is not in force yet?")) return;
    for (const card of cards) Object.assign(card, card.start, { touched: false });
    for (const question of questions) question.most = question.declared;
    try { localStorage.removeItem(place); } catch { /* nothing was kept */ }
    unsaved = false;
    $("restored").hidden = true;
    close();
    cards.forEach(show);
    fields();
    progress();
  };

  // --- what the page shows -------------------------------------------------------------------------------------------

  const say = (text) => { $("said").textContent = text; };
  const show = (card) => {
    const button = card.root.querySelector(".score");
    const done = isScored(card) || isMixed(card);
    if (button.textContent !== label(card)) button.textContent = label(card);
    if (card.root.classList.contains("done") !== done) card.root.classList.toggle("done", done);
  };
  const progress = () => {
    const texts = cards.filter((card) => !card.empty);
    const done = texts.filter((card) => isScored(card) || isMixed(card)).length;
    $("progress").textContent = `${done} of ${texts.length} scored${unsaved ? ", not saved" : ""}`;
    for (const span of document.querySelectorAll("[data-left]")) {
      const left = texts.filter((card) => data.cards[card.at].question === +span.dataset.left && !isScored(card) && !isMixed(card));
      span.title = `${left.length} left`;
      span.textContent = left.length ? `(${left.length})` : "✓";
    }
  };
  const changed = (card) => {
    card.touched = true;
    unsaved = true;
    show(card);
    fill(card);
    progress();
    keep();
    say(`${label(card)}. ${$("progress").textContent}`);
  };
  const fields = () => {
    for (const input of document.querySelectorAll("[data-most]")) input.value = questions[input.dataset.most].most;
  };

  // --- scoring one card ----------------------------------------------------------------------------------------------

  const score = (card, points) => {
    if (points > most(card)) {
      say(`A full answer has ${most(card)}.`);
      return;
    }
    card.points = points;
    changed(card);
  };
  const worth = (card, credit) => {
    const { credits, most } = questions[card.question];
    return (credit[1] * most) / credits.reduce((sum, one) => sum + one[1], 0);
  };
  const toggle = (card, line) => {
    const credits = questions[card.question]?.credits ?? [];
    if (!credits[line]) return;
    card.credits = card.credits.includes(line) ? card.credits.filter((one) => one !== line) : [...card.credits, line];
    score(card, round(card.credits.reduce((sum, one) => sum + worth(card, credits[one]), 0)));
  };
  const fill = (card) => {
    if (card !== current) return;
    const input = form.querySelector(".points input");
    if (document.activeElement !== input) input.value = card.points ?? "";
    form.querySelectorAll(".credits input").forEach((box, line) => { box.checked = card.credits.includes(line); });
    form.querySelectorAll(".digits button").forEach((button, points) => button.setAttribute("aria-pressed", String(card.points === points)));
    const remark = form.querySelector(".remark");
    remark.textContent = isMixed(card) ? "These students have different points; what you choose here counts for all of them."
      : input.validity.valid && !(card.points > most(card)) ? "" : `A number from 0 to ${most(card)}.`;
    remark.hidden = !remark.textContent;
  };
  const build = (card) => {
    form = $("scoring").content.firstElementChild.cloneNode(true);
    const question = questions[card.question];
    const name = card.root.querySelector("h3").textContent.toLowerCase();
    form.querySelector("legend").textContent = `Points${data.cards[card.at].question < 0 ? "" : ` for question ${question.number}`}: ${name}`;
    if (data.cards[card.at].question < 0) {
      const select = form.querySelector("select");
      select.add(new Option("no question", -1));
      for (const open of [...card.open].sort()) select.add(new Option(`question ${questions[open].number}`, open));
      select.value = card.question;
      select.onchange = () => {
        Object.assign(card, { question: +select.value, credits: [] });
        changed(card);
        refresh(card);
        form.querySelector("select").focus();
      };
      form.querySelector(".answers").hidden = false;
    }
    (question?.credits ?? []).forEach((credit, line) => {
      const row = document.createElement("label"), box = document.createElement("input"), text = document.createElement("span"), earns = document.createElement("b");
      box.type = "checkbox";
      box.onchange = () => toggle(card, line);
      text.textContent = `${credit[0]} `;
      const key = document.createElement("kbd");
      key.textContent = `⇧${line + 1}`;
      earns.textContent = `${round(worth(card, credit))} `;
      earns.append(key);
      row.append(box, text, earns);
      form.querySelector(".credits").append(row);
    });
    for (let points = 0; points <= Math.min(10, most(card) ?? -1); points += 1) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = points;
      button.setAttribute("aria-label", `${points} points`);
      button.onclick = () => score(card, points);
      form.querySelector(".digits").append(button);
    }
    const input = form.querySelector(".points input"), comment = form.querySelector("textarea");
    input.max = most(card) ?? "";
    input.oninput = () => { input.validity.valid ? score(card, input.value === "" ? null : round(+input.value)) : fill(card); };
    form.querySelector(".blank").onclick = () => clear(card);
    comment.value = card.comment;
    comment.oninput = () => {
      card.comment = comment.value;
      changed(card);
    };
    card.root.append(form);
    fill(card);
  };
  const clear = (card) => {
    card.credits = [];
    score(card, null);
  };
  const close = () => {
    if (!current) return;
    current.root.classList.remove("current");
    current.root.querySelector(".score").setAttribute("aria-expanded", "false");
    form.remove();
    current = form = null;
  };
  const open = (card) => {
    if (card === current) return;
    close();
    current = card;
    card.root.classList.add("current");
    card.root.querySelector(".score").setAttribute("aria-expanded", "true");
    build(card);
  };
  const refresh = (card) => {
    if (card !== current) return;
    form.remove();
    build(card);
  };
  const go = (card) => {
    if (!card) return;
    open(card);
    card.root.focus({ preventScroll: true });
    card.root.scrollIntoView({ block: "start" });
  };
  const unscored = () => {
    const from = current ? current.at + 1 : 0;
    const next = [...cards.slice(from), ...cards.slice(0, from)].find((card) => !card.empty && !isScored(card) && !isMixed(card));
    if (next) go(next);
    else say("All are scored.");
  };

  // --- the file ------------------------------------------------------------------------------------------------------

  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const isFormula = (piece) => "=+-@".includes(/[^"'\p{Z}\p{C}]/u.exec(piece)?.[0].normalize("NFKC") ?? " ");
  const cell = (text) => quoted(text.trim().split(/([;\t\r\n])/).map((piece) => (isFormula(piece) ? `'${piece}` : piece)).join(""));
  const csv = () => {
    const rows = new Map();
    const add = (id, item, points, comment = "", reason = "") => rows.set(`${id}\0${item}`, [quoted(id), item, quoted(`${points}`), cell(comment), cell(reason)]);
    for (const row of data.kept) add(...row);
    for (const card of cards) {
      const item = questions[card.question]?.item;
      if (!item || !(isScored(card) || isMixed(card) || (card.points === null && card.comment))) continue;
      card.students.forEach((student, at) => {
        const given = card.given[at], id = data.students[student][0];
        const said = given && given[0] === card.points ? given[3] : card.points ?? "";
        if (!isMixed(card)) add(id, item, said, card.comment, given?.[2]);
        else if (given) add(id, item, given[3], given[1], given[2]);
      });
    }
    const written = [...rows.values()];
    const declared = questions.filter(({ item }) => written.some((row) => row[1] === item)).map(({ item, most }) => ["*", item, `of ${most}`, "", ""]);
    return [["student", "item", "points", "comment", "reason"], ...declared, ...written].map((row) => `${row.join(",")}\n`).join("");
  };
  const download = (blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  const save = async () => {
    const blob = new Blob([csv()], { type: "text/csv" });
    try {
      if (window.showSaveFilePicker) {
        handle ??= await window.showSaveFilePicker({ suggestedName: data.file, types: [{ description: "CSV", accept: { "text/csv": [".csv"] } }] });
        const stream = await handle.createWritable();
        await stream.write(blob);
        await stream.close();
      } else download(blob);
    } catch (error) {
      if (error.name === "AbortError") return;
      handle = null;
      download(blob);
    }
    unsaved = false;
    keep();
    progress();
    say(`Saved ${data.file}.`);
  };

  // --- mouse and keys ------------------------------------------------------------------------------------------------

  const more = (card) => {
    const button = card.root.querySelector("[data-more]");
    if (!button) return;
    const whole = card.root.querySelector(".text").classList.toggle("whole");
    button.textContent = whole ? "Less" : "More";
    button.setAttribute("aria-expanded", String(whole));
  };
  const help = () => { $("keys").open ? $("keys").close() : $("keys").showModal(); };
  const pressed = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
      return;
    }
    const typing = event.target.matches("textarea, select, input:not([type=checkbox])");
    if (typing && event.key === "Escape" && current) current.root.focus();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !$("single").checked || ($("keys").open && !"?/".includes(event.key))) return;
    const line = /^(?:Digit)([1-9])$/.exec(event.code);
    const does = { j: () => go(cards[current ? current.at + 1 : 0]), k: () => go(cards[current ? current.at - 1 : 0]), n: unscored, "?": help, "/": help };
    Object.assign(does, { ArrowRight: does.j, ArrowLeft: does.k });
    if (current) {
      Object.assign(does, { c: () => form.querySelector("textarea").focus(), x: () => more(current), Delete: () => clear(current), Backspace: () => clear(current) });
      if (/^[0-9]$/.test(event.key)) does[event.key] = () => score(current, +event.key);
      else if (line) does[event.key] = () => toggle(current, line[1] - 1);
    }
    if (!Object.hasOwn(does, event.key)) return;
    event.preventDefault();
    does[event.key]();
  };

  restore();
  for (const card of cards) show(card);
  for (const hidden of document.querySelectorAll(".score, .most, .bar [hidden]")) hidden.hidden = false;
  fields();
  progress();
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const root = event.target.closest(".card");
    if (!root) return;
    const card = cards[root.id.slice("card-".length)];
    if (event.target.matches("[data-more]")) more(card);
    if (event.target.matches(".score") && card === current) close();
    else open(card);
  });
  for (const input of document.querySelectorAll("[data-most]")) {
    input.oninput = () => {
      const question = questions[input.dataset.most];
      if (!input.validity.valid || input.value === "") return;
      question.most = round(+input.value);
      unsaved = true;
      for (const card of cards) if (questions[card.question] === question) show(card);
      if (current) refresh(current);
      progress();
      keep();
    };
  }
  $("restored").querySelector("button").onclick = forget;
  $("save").onclick = save;
  $("help").onclick = help;
  $("close").onclick = help;
  $("names").onclick = () => {
    named = !named;
    for (const card of cards) {
      const who = card.root.querySelector(".who");
      if (named) who.textContent = card.students.map((student) => data.students[student][1]).join(", ");
      who.hidden = !named;
    }
    $("names").setAttribute("aria-pressed", String(named));
  };
  const wide = new ResizeObserver((seen) => {
    for (const { target } of seen) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const text of document.querySelectorAll(".text")) wide.observe(text);
  new ResizeObserver(([{ target }]) => {
    document.documentElement.style.scrollPaddingTop = `${target.offsetHeight + 8}px`;
  }).observe(document.querySelector(".bar"));
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
