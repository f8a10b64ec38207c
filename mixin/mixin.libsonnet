// The same files for those who build their monitoring with jsonnet. `runbooks` is where you serve docs/runbooks.
local shipped = 'https://jauge.hospital.example/docs/runbooks/';
local read(texts, runbooks) = {
  groups: std.flattenArrays([std.parseYaml(std.strReplace(text, shipped, runbooks)).groups for text in texts]),
};
local board(text, runbooks) = std.parseJson(std.strReplace(text, shipped, runbooks));

{
  _config+:: { runbooks: shipped },
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
    'jauge-backup.json': board(importstr 'dashboards/jauge-backup.json', $._config.runbooks),
    'jauge-capacity.json': board(importstr 'dashboards/jauge-capacity.json', $._config.runbooks),
    'jauge-cluster.json': board(importstr 'dashboards/jauge-cluster.json', $._config.runbooks),
    'jauge-estate.json': board(importstr 'dashboards/jauge-estate.json', $._config.runbooks),
    'jauge-itself.json': board(importstr 'dashboards/jauge-itself.json', $._config.runbooks),
    'jauge-pacs.json': board(importstr 'dashboards/jauge-pacs.json', $._config.runbooks),
  },
}
