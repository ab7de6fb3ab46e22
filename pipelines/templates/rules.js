(() => {
  "use strict";
  const table = document.getElementById("rules-table");
  const tools = document.getElementById("rules-tools");
  if (!table || !tools) return;
  const STEP = 25;
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const rows = Array.from(body.rows).map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
    keys: Array.from(row.cells).map((cell) => cell.dataset.key || cell.textContent.trim()),
  }));
  const search = document.getElementById("rules-search");
  const order = document.getElementById("rules-order");
  const more = document.getElementById("rules-more");
  const told = document.getElementById("rules-told");
  const isNumber = heads.map((_, place) => rows.every((each) => isFinite(each.keys[place])));
  let limit = STEP;
  let column = -1;
  let sign = 1;

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter((each) => words.every((word) => each.text.includes(word)));
    rows.forEach((each) => { each.row.hidden = true; });
    found.slice(0, limit).forEach((each) => { each.row.hidden = false; });
    told.textContent = found.length
      ? `${Math.min(limit, found.length)} of ${found.length} rows shown`
      : "no rule has all of these words";
    more.hidden = found.length <= limit;
  };
  const sort = () => {
    const compare = (a, b) => {
      if (column < 0) return a.place - b.place;
      const [one, other] = [a.keys[column], b.keys[column]];
      const apart = isNumber[column] ? one - other : one.localeCompare(other);
      return sign * apart || a.place - b.place;
    };
    rows.sort(compare).forEach((each) => body.append(each.row));
    heads.forEach((head, place) => {
      if (place === column) head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    order.value = column < 0 ? "" : `${column} ${sign}`;
    show();
  };
  const option = (text, value) => {
    const made = document.createElement("option");
    made.textContent = text;
    made.value = value;
    order.append(made);
  };

  rows.forEach((each, place) => { each.place = place; });
  option("strongest first", "");
  heads.forEach((head, place) => {
    const name = head.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      sign = column === place ? -sign : isNumber[place] ? -1 : 1;
      column = place;
      sort();
    });
    head.replaceChildren(button);
    option(`${name}, ${isNumber[place] ? "lowest first" : "A to Z"}`, `${place} 1`);
    option(`${name}, ${isNumber[place] ? "highest first" : "Z to A"}`, `${place} -1`);
  });
  order.addEventListener("change", () => {
    [column, sign] = order.value ? order.value.split(" ").map(Number) : [-1, 1];
    sort();
  });
  search.addEventListener("input", () => { limit = STEP; show(); });
  more.addEventListener("click", () => { limit += STEP; show(); });
  tools.hidden = false;
  show();
})();
