/** Small images for daemons: a layer for each text, whose digest is known or not. */
import { inlineFile, treePath, FileTree } from "../../../../core/index.ts";
import { assembleImage, historyOf } from "../../../../core/image/assemble.ts";
import { hashedTar, recipeLayer } from "../../../../core/image/layer.ts";
import type { Layer } from "../../../../core/image/image.ts";
import { named, type NamedImage } from "../../../../plugins/daemons/destination.ts";

export interface TextImage {
  readonly reference: string;
  readonly texts: readonly string[];
  /** So many layers from the bottom were read before. Default: all. */
  readonly known?: number;
  /** What its config says; other words make another image of the same layers. */
  readonly command?: readonly string[];
  readonly architecture?: string;
}

const { signal } = new AbortController();

export async function textImage(wish: TextImage): Promise<NamedImage> {
  const { reference, texts, known = texts.length, command = ["/sh"], architecture = "amd64" } = wish;
  const layers = texts.map(textLayer);
  for (const layer of layers.slice(0, known)) await layer.diffID();
  const [name, tag] = reference.split(/:(?=[^:]*$)/);
  const image = assembleImage({
    name: name!,
    tag: tag!,
    platform: { os: "linux", architecture },
    config: { Cmd: [...command] },
    created: 1,
    layers,
    history: layers.map(() => historyOf(1, "a text")),
    tree: FileTree.of([]),
  });
  return named({ target: "app", image, reference: image.reference }, reference);
}

function textLayer(text: string, index: number): Layer {
  const recipe = { entries: [inlineFile(treePath(`/text-${index}`), Buffer.from(text))] };
  return recipeLayer(recipe, "a text", { read: () => hashedTar(recipe, signal) });
}
