/**
 * A function that brings a part which comes with the late programs, once; it resolves to what `make` gives of them. When they
 * cannot come, the page says so and the next call asks again.
 */
export function bringing(app, make) {
  let coming = null;
  return () => {
    coming ||= app.asked().then(make, (error) => {
      coming = null;
      app.toast(app.t("map.part_failed"));
      throw error;
    });
    return coming;
  };
}
