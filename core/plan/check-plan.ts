/** The invariant of every plan, whoever made it: no node lost, none twice. */
import { ImageDslError } from "../error.ts";
import { displayBytes, encodeText } from "../model/bytes.ts";
import type { ClosureGraph } from "../closure/closure.ts";
import type { LayerPlan } from "../model/plan.ts";

/** Throws `E_LAYERS` unless every node of the graph is in exactly one group or in the top layer, and nothing else is in any. */
export function checkPlan(graph: ClosureGraph, plan: LayerPlan): void {
  const planned = new Set<string>();
  const unknown: string[] = [];
  const repeated: string[] = [];
  for (const id of [...plan.groups.flatMap((group) => group.nodes), ...(plan.top ?? [])]) {
    if (!graph.nodes.has(id)) unknown.push(id);
    else if (planned.has(id)) repeated.push(id);
    planned.add(id);
  }
  const lost = [...graph.nodes.keys()].filter((id) => !planned.has(id));

  const faults = [
    ...fault("leaves out", lost),
    ...fault("repeats", repeated),
    ...fault("names what the closure has not:", unknown),
  ];
  if (faults.length === 0) return;
  throw new ImageDslError("E_LAYERS", `Layer plan "${plan.strategy}" ${faults.join("; it ")}`, {
    hint: "This is a mistake of the plugin that made or changed the plan; another layering can be chosen meanwhile",
  });
}

function fault(what: string, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return [];
  const shown = ids.slice(0, 3).map((id) => `"${displayBytes(encodeText(id))}"`);
  return [`${what} ${shown.join(", ")}${ids.length > 3 ? ` and ${ids.length - 3} more` : ""}`];
}
