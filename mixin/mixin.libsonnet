// The same files for those who build their monitoring with jsonnet. `runbooks` is where you serve docs/runbooks.
local read(texts, runbooks) = {
  groups: std.flattenArrays([
    std.parseYaml(std.strReplace(text, 'https://jauge.hospital.example/docs/runbooks/', runbooks)).groups
    for text in texts
  ]),
};

{
  _config+:: { runbooks: 'https://jauge.hospital.example/docs/runbooks/' },
  prometheusRules+:: read([importstr 'rules/jauge.yml'], $._config.runbooks),
  prometheusAlerts+:: read([
    importstr 'alerts/backup.yml',
    importstr 'alerts/capacity.yml',
    importstr 'alerts/clusters.yml',
    importstr 'alerts/collector.yml',
    importstr 'alerts/hardware.yml',
    importstr 'alerts/lifecycle.yml',
    importstr 'alerts/messages.yml',
    importstr 'alerts/pacs.yml',
    importstr 'alerts/platforms.yml',
    importstr 'alerts/targets.yml',
  ], $._config.runbooks),
  grafanaDashboards+:: {
    'jauge-backup.json': import 'dashboards/jauge-backup.json',
    'jauge-capacity.json': import 'dashboards/jauge-capacity.json',
    'jauge-cluster.json': import 'dashboards/jauge-cluster.json',
    'jauge-estate.json': import 'dashboards/jauge-estate.json',
    'jauge-itself.json': import 'dashboards/jauge-itself.json',
    'jauge-pacs.json': import 'dashboards/jauge-pacs.json',
  },
}
