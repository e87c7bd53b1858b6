// The conditions of an export's search: comparisons that fit the field, and only the values that they take.

const VALUES = { empty: 0, filled: 0, yes: 0, no: 0, between: 2 };

/** Keep the rows of conditions in the element usable. */
export function start(element) {
  const all = () => element.querySelectorAll("[data-condition]").forEach(fit);
  element.addEventListener("change", all);
  all();
  return () => element.removeEventListener("change", all);
}

function fit(row) {
  const [field, operator] = row.querySelectorAll("select");
  const [value, until] = row.querySelectorAll("input");
  const chosen = field.selectedOptions[0];
  for (const option of operator.options) {
    const fits = option.dataset.kinds.split(" ").includes(chosen.dataset.kind) && (chosen.value !== "text" || option.value.startsWith("has"));
    option.hidden = option.disabled = !fits;
  }
  if (operator.selectedOptions[0]?.disabled) operator.value = [...operator.options].find((option) => !option.disabled).value;
  const count = VALUES[operator.value] ?? 1;
  value.closest(".field").hidden = count < 1;
  until.closest(".field").hidden = count < 2;
}
