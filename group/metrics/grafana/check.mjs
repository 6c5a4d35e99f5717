// Writes a TypeScript program that holds the dashboard as a literal: the compiler then says what is not of Grafana's
// schema, unknown fields included. Options of panels, which the schema leaves open, are held against those of their type.
//
//	node check.mjs pushcore.json >check.ts
import { readFileSync } from "node:fs";

const dashboard = JSON.parse(readFileSync(process.argv[2], "utf8"));
const modules = { timeseries: "timeseries", stat: "stat", bargauge: "bargauge", heatmap: "heatmap", "status-history": "statushistory" };
const withFields = new Set(["timeseries", "heatmap", "status-history"]);

const out = ['import type { Dashboard, DataQuery } from "@grafana/schema";'];
for (const name of Object.values(modules)) {
  out.push(`import type * as ${name} from "./node_modules/@grafana/schema/dist/types/raw/composable/${name}/panelcfg/x/types.gen";`);
}
// JSON has the values of enums, not their names.
out.push("type Plain<T> = T extends string ? `${T}` : T extends number ? (number extends T ? T : T | `${T}` extends `${infer N extends number}` ? N : T)");
out.push("  : T extends unknown[] ? Plain<T[number]>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;");
out.push('interface PromQuery { refId: string; datasource: DataQuery["datasource"]; expr: string; legendFormat: string; editorMode: "code" | "builder";');
out.push('  format: "time_series" | "table" | "heatmap"; instant: boolean; range: boolean }');

const literal = (v) => JSON.stringify(v, null, 2);
out.push(`export const dashboard: Plain<Dashboard> = ${literal(dashboard)};`);
for (const p of dashboard.panels.filter((p) => p.type !== "row")) {
  const module = modules[p.type];
  if (!module) throw new Error(`panel ${p.id} is of type ${p.type}: add that to modules in check.mjs`);
  out.push(`export const options${p.id}: Plain<${module}.Options> = ${literal(p.options)};`);
  out.push(`export const targets${p.id}: Plain<PromQuery[]> = ${literal(p.targets)};`);
  if (withFields.has(p.type)) {
    out.push(`export const custom${p.id}: Plain<${module}.FieldConfig> = ${literal(p.fieldConfig.defaults.custom)};`);
  } else if (p.fieldConfig.defaults.custom) {
    throw new Error(`panel ${p.id} has custom fields: its type has none`);
  }
}
console.log(out.join("\n"));
