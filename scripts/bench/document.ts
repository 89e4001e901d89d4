/** The document's measured part: one section for each input, of which a run replaces those that it measured. */
import { readFileSync, writeFileSync } from "node:fs";

/** What stands behind this line in the document is made here. */
const MARK = "<!-- npm run bench writes what follows -->\n";

/** Puts `section`, which begins with `## NAME:`, in the place of the one of the same input, in the inputs' order. */
export function updateDocument(
  path: string,
  inputs: readonly { readonly name: string }[],
  input: string,
  section: string,
): void {
  const [head = "", measured = ""] = readFileSync(path, "utf8").split(MARK);
  const sections = new Map<string, string>();
  for (const text of measured.split(/^(?=## )/m)) sections.set(/^## ([\w-]+):/.exec(text)?.[1] ?? "", text.trim());
  sections.set(input, section.trim());
  const texts = inputs.flatMap(({ name }) => sections.get(name) ?? []);
  writeFileSync(path, `${head}${MARK}\n${texts.join("\n\n")}\n`);
}
