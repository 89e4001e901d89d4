/** A plan as one JSON document, and that document as a table for people. */
import type { PlannedImage } from "../engine/run-build.ts";
import type { BuildEvent } from "../model/event.ts";
import { platformText } from "../model/platform.ts";
import { screenLine, screenText, withTexts } from "../model/screen-text.ts";
import { sizeText } from "./size-text.ts";
import { alignColumns } from "./table.ts";

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
  /** Bytes of its tar, uncompressed; 0 where the base has all of it, null where scripts decide it. */
  readonly size: number | null;
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
  const { target, platform, spec, base, graph: closure, plan, tars } = image;
  const layers = plan.groups.map(({ nodes, reason }, index) => ({
    size: tars === undefined ? null : (tars[index]?.size ?? 0),
    reason,
    sharedWith: all.filter((other) => other !== image && hasTar(other, tars?.[index]?.key)).map(({ target }) => target),
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
    size: plan.groups.reduce((total, group) => total + group.size, 0),
    nodes: closure.nodes.size,
    baseLayers: base,
    layers,
    hasTop: plan.joinsTop !== true,
    scripts: spec.runs.map(({ name }) => name),
  };
}

function hasTar({ tars = [] }: PlannedImage, key: string | undefined): boolean {
  return key !== undefined && tars.some((tar) => tar?.key === key);
}

/** Names of nodes that a line of the table shows. */
const NAMES_SHOWN = 4;
const DETAILS_SHOWN = 20;

/** `columns`: what the screen has room for. */
export function planText(document: PlanDocument, verbose: boolean, columns?: number): string {
  const images = withTexts(document.images, screenLine);
  const { notes, warnings } = withTexts(document, screenText);
  const lines = images.flatMap((image) => [...imageLines(image, verbose, columns), ""]);
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

function imageLines(image: PlannedImageDocument, verbose: boolean, columns = Infinity): string[] {
  const below = image.baseLayers === 0 ? "" : `, over ${count(image.baseLayers, "layer")} of the base`;
  const heading =
    `${image.target} (${image.platform}): ${count(image.nodes, "node")} in ${count(image.layers.length, "layer")}` +
    `${image.hasTop ? " and the top one" : ""}${below}, ${sizeText(image.size)} of files, strategy ${image.strategy}`;
  let made = 0;
  const rows = image.layers.map(({ size, nodes, reason, sharedWith }) => {
    const names = nodes.map(({ name }) => name);
    const shown = verbose ? names : names.slice(0, NAMES_SHOWN);
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
    const why = sharedWith.length === 0 ? reason : `${reason}; also in ${sharedWith.join(", ")}`;
    const number = size === 0 ? "" : String((made += 1));
    return [number, size === null ? "?" : sizeText(size), String(nodes.length), why, shown.join(", ") + more];
  });
  const scripts = image.scripts.length === 0 ? "" : `, and what ${image.scripts.join(" and ")} change`;
  const top = image.hasTop ? [["top", "", "", `what several nodes make together${scripts}`, ""]] : [];
  const table = alignColumns([["layer", "size", "nodes", "reason", "names"], ...rows, ...top], [0, 1, 2], columns - 2);
  return [heading, ...table.map((line) => `  ${line}`)];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
