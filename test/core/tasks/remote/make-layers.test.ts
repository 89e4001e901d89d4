/** Layers from a task's folder are those that are made at home, and nothing of this host is in the task. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../../../harness.ts";
import { GZIP, ZSTD, type Codec } from "../../../../core/compress/codec.ts";
import type { ImageDslError } from "../../../../core/error.ts";
import type { LayerRecipe } from "../../../../core/image/image.ts";
import { digestOf } from "../../../../core/model/digest.ts";
import { openStore } from "../../../../core/store/disk-store.ts";
import { encodeLayerTask, layerPath, RESULT_FILE } from "../../../../core/tasks/remote/layer-task.ts";
import { inputPath } from "../../../../core/tasks/remote/travelling-entries.ts";
import { readMadeLayers } from "../../../../core/tasks/remote/layer-result.ts";
import { makeLayers } from "../../../../core/tasks/remote/make-layers.ts";
import { portableLayers, type PortableLayers } from "../../../../core/tasks/remote/portable-layers.ts";
import { madeHere, recipesIn } from "./recipes.ts";

const test = suite("tasks/remote/make-layers");
const { signal } = new AbortController();
const CODE = "this code";
const CODECS = [GZIP, ZSTD];

function layIn(folder: string, { layers, inputs }: PortableLayers, codec: Codec): Promise<void[]> {
  const digests = inputs.map(({ blob }) => blob.digest);
  writeFileSync(join(folder, "task.json"), encodeLayerTask({ codec, inputs: digests, layers }, CODE));
  return Promise.all(
    inputs.map(async ({ blob, open }) => {
      const path = join(folder, inputPath(blob.digest));
      mkdirSync(dirname(path), { recursive: true });
      const chunks: Buffer[] = [];
      for await (const chunk of open()) chunks.push(Buffer.from(chunk));
      writeFileSync(path, Buffer.concat(chunks));
      assert.is(digestOf(readFileSync(path)), blob.digest);
      assert.is(statSync(path).size, blob.size);
    }),
  );
}

test("the same digests as at home, with every codec; few blobs for many files", async () => {
  const store = await openStore(join(tmp(), "store"));
  const recipes = recipesIn(tmp(), 1000);
  for (const codec of CODECS) {
    const portable = await portableLayers(recipes, { store, signal });
    assert.equal(
      portable.inputs.map(({ blob }) => blob.size),
      [5_000_000, 2_000_000, 5 + 12 + 99],
    );
    const folder = tmp();
    await layIn(folder, portable, codec);
    await makeLayers(folder, CODE, signal);
    const made = readMadeLayers(readFileSync(join(folder, RESULT_FILE), "utf8"), recipes.length)!;
    for (const [index, recipe] of recipes.entries()) {
      const { digest, diffID, size } = made[index]!;
      assert.equal({ digest, diffID }, await madeHere(recipe, codec));
      const bytes = readFileSync(join(folder, layerPath(index)));
      assert.equal([bytes.length, digestOf(bytes)], [size, digest]);
    }
  }
});

test("the task is the same from another folder, at another time, and another one for other bytes", async () => {
  const taskOf = async (recipes: readonly LayerRecipe[]): Promise<string> => {
    const store = await openStore(join(tmp(), "store"));
    const { layers, inputs } = await portableLayers(recipes, { store, signal });
    const digests = inputs.map(({ blob }) => blob.digest);
    return Buffer.from(encodeLayerTask({ codec: GZIP, inputs: digests, layers }, CODE)).toString();
  };
  const [one, two] = [tmp(), tmp()];
  const text = await taskOf(recipesIn(one, 1000));
  assert.is(await taskOf(recipesIn(two, 2000)), text);
  assert.not.match(text, one);
  const recipes = recipesIn(two, 2000);
  writeFileSync(join(two, "most.tar"), "other bytes", { flag: "r+" });
  assert.is.not(await taskOf(recipes), text);
});

test("a large file that was written after it was listed is refused, also where its digest is known", async () => {
  const folder = tmp();
  const recipes = recipesIn(folder, 1000);
  writeFileSync(join(folder, "runtime"), "other bytes", { flag: "r+" });
  const known = { readRecord: async () => digestOf("what it is now"), writeRecord: async () => {} };
  for (const store of [known, await openStore(join(tmp(), "store"))]) {
    const refused = await portableLayers(recipes, { store, signal }).catch((error: ImageDslError) => error.code);
    assert.is(refused, "E_CONTENT_CHANGED");
  }
});

test("another code's task and a rotten input are refused", async () => {
  const store = await openStore(join(tmp(), "store"));
  const portable = await portableLayers(recipesIn(tmp(), 1000), { store, signal });
  const folder = tmp();
  await layIn(folder, portable, GZIP);
  const failure = async (code: string): Promise<ImageDslError> => {
    try {
      await makeLayers(folder, code, signal);
    } catch (error) {
      return error as ImageDslError;
    }
    throw new Error("it is not refused");
  };
  assert.is((await failure("other code")).code, "E_REMOTE_TASK");
  writeFileSync(join(folder, inputPath(portable.inputs[0]!.blob.digest)), "rotten", { flag: "r+" });
  assert.match((await failure(CODE)).message, "not what its name says");
});

test("what is no list of layers is no result", () => {
  const layer = { diffID: digestOf("a"), digest: digestOf("b"), size: 3 };
  assert.is(readMadeLayers(JSON.stringify([layer]), 1)?.length, 1);
  for (const [text, count] of [
    ["", 1],
    ["{}", 1],
    [JSON.stringify([layer]), 2],
    [JSON.stringify([{ ...layer, size: 0.5 }]), 1],
    [JSON.stringify([{ ...layer, diffID: "sha256:0" }]), 1],
  ] as const) {
    assert.is(readMadeLayers(text, count), undefined);
  }
});

test.run();
