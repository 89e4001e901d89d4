/** A plan as one JSON document, and that document as a table for people. */
import type { PlannedImage } from "../engine/run-build.ts";
import type { BuildEvent } from "../model/event.ts";
import { platformText } from "../model/platform.ts";
import { screenLine, screenText, withTexts } from "../model/screen-text.ts";
import { sizeText } from "./size-text.ts";

// Types, not interfaces: only a type alias is known to be plain JSON.
export type PlanDocument = {
  readonly images: readonly PlannedImageDocument[];
  /** What the sources had to say, such as which maintainer scripts are covered. */
  readonly notes: readonly { readonly message: string; readonly detail: readonly string[] }[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly hint?: string | undefined }[];
};

type PlannedImageDocument = {
  readonly target: string;
  readonly platform: string;
  readonly strategy: string;
  /** Bytes of all nodes' regular files, before merging. */
  readonly size: number;
  readonly nodes: number;
  /** How many layers of the base lie below these. */
  readonly baseLayers: number;
  /** Bottom layer first. */
  readonly layers: readonly PlannedLayer[];
  /** Whether there is a layer on top of these, for what several nodes make together and what scripts change. */
  readonly hasTop: boolean;
  /** Arguments whose scripts run after this plan and may change it. */
  readonly scripts: readonly string[];
};

type PlannedLayer = {
  readonly size: number;
  readonly reason: string;
  /** Other targets that have this very layer. */
  readonly sharedWith: readonly string[];
  readonly nodes: readonly {
    readonly id: string;
    readonly name: string;
    readonly version?: string;
    readonly size: number;
  }[];
};

export function planDocument(planned: readonly PlannedImage[], remarks: readonly BuildEvent[]): PlanDocument {
  return {
    images: planned.map((image) => imageDocument(image, planned)),
    notes: remarks.flatMap((each) =>
      each.type === "note" ? [{ message: each.message, detail: each.detail ?? [] }] : [],
    ),
    warnings: remarks.flatMap((each) =>
      each.type === "warning" ? [{ code: each.code, message: each.message, hint: each.hint }] : [],
    ),
  };
}

function imageDocument(image: PlannedImage, all: readonly PlannedImage[]): PlannedImageDocument {
  const { target, platform, spec, base, graph: closure, plan, layerKeys } = image;
  const layers = plan.groups.map(({ nodes, reason, size }, index) => ({
    size,
    reason,
    sharedWith: all
      .filter(
        (other) => other !== image && layerKeys[index] !== undefined && other.layerKeys.includes(layerKeys[index]),
      )
      .map((other) => other.target),
    nodes: nodes.map((id) => {
      const node = closure.nodes.get(id);
      const version = node?.version === undefined ? {} : { version: node.version };
      return { id, name: node?.name ?? id, ...version, size: node?.size ?? 0 };
    }),
  }));
  return {
    target,
    platform: platformText(platform),
    strategy: plan.strategy,
    size: layers.reduce((total, layer) => total + layer.size, 0),
    nodes: closure.nodes.size,
    baseLayers: base,
    layers,
    hasTop: plan.joinsTop !== true,
    scripts: spec.runs.map(({ name }) => name),
  };
}

/** Names of nodes that a line of the table shows. */
const NAMES_SHOWN = 4;
const DETAILS_SHOWN = 20;

export function planText(document: PlanDocument, verbose: boolean): string {
  const images = withTexts(document.images, screenLine);
  const { notes, warnings } = withTexts(document, screenText);
  const lines = images.flatMap((image) => [...imageLines(image, verbose), ""]);
  for (const { message, detail } of notes) {
    const shown = verbose ? detail : detail.slice(0, DETAILS_SHOWN);
    const hidden = detail.length - shown.length;
    lines.push(message, ...shown.map((line) => `  ${line}`));
    if (hidden > 0) lines.push(`  and ${hidden} more (--verbose shows them)`);
    lines.push("");
  }
  for (const { message, hint } of warnings)
    lines.push(`Warning: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`]), "");
  return lines.slice(0, -1).join("\n") + "\n";
}

function imageLines(image: PlannedImageDocument, verbose: boolean): string[] {
  const below = image.baseLayers === 0 ? "" : `, over ${count(image.baseLayers, "layer")} of the base`;
  const heading =
    `${image.target} (${image.platform}): ${count(image.nodes, "node")} in ${count(image.layers.length, "layer")}` +
    `${image.hasTop ? " and the top one" : ""}${below}, ${sizeText(image.size)}, strategy ${image.strategy}`;
  const rows = image.layers.map(({ size, nodes, reason, sharedWith }, index) => {
    const names = nodes.map(({ name }) => name);
    const shown = verbose ? names : names.slice(0, NAMES_SHOWN);
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
    const why = sharedWith.length === 0 ? reason : `${reason}; also in ${sharedWith.join(", ")}`;
    return [String(index), sizeText(size), String(nodes.length), why, shown.join(", ") + more];
  });
  const scripts = image.scripts.length === 0 ? "" : `, and what ${image.scripts.join(" and ")} change`;
  const top = image.hasTop ? [["top", "", "", `what several nodes make together${scripts}`, ""]] : [];
  const table = alignColumns([["layer", "size", "nodes", "reason", "names"], ...rows, ...top], [1, 2]);
  return [heading, ...table.map((line) => `  ${line}`)];
}

/** Columns two spaces apart; those named in `right` end flush, the last one has no end. */
export function alignColumns(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
