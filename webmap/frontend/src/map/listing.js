/** The list of what one mark stands for; it comes when it is first asked for (`feature-list.js`). */
export function openList(app, { title, views, latlng }) {
  return app.soon().then(
    ({ openFeatureList }) => openFeatureList(app, { title, views, latlng }),
    () => app.toast(app.t("map.part_failed")),
  );
}
