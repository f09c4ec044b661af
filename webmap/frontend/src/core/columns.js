/** Values of very many places come as columns (`/api/indicators/<id>/<level>/columns`): here they become rows again. */

/**
 * The payload of an indicator with `values` in the place of `columns`.
 * @param payload as the server gives it
 * @param places `{place, name, name_en}`, lists in the order in which the columns count
 */
export function joined({ columns, ...payload }, places) {
  const { row, value, said } = columns;
  const values = value.map((own, at) => {
    const number = row ? row[at] : at;
    return { place: places.place[number], name: places.name[number], name_en: places.name_en[number], value: own, flag: "", note: "", note_en: "" };
  });
  for (const { at, flag, note, note_en } of said) for (const one of at || values.keys()) Object.assign(values[one], { flag, note, note_en });
  return { ...payload, values };
}
