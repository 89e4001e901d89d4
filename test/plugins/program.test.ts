/** `build` and `plan` as programs call them. */
import * as assert from "uvu/assert";
import { ImageDslError, build, image, plan, text } from "../../plugins/index.ts";
import { suite, tmp } from "../harness.ts";

const test = suite("program");

const config = image({ name: "a", contents: text("/a", "1") });
const store = tmp();

async function refused(work: Promise<unknown>): Promise<ImageDslError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("It was not refused");
}

test("an option that there is not is refused, with the one that is meant", async () => {
  const misspelt = { output: ["digest"] } as object;
  for (const call of [build, plan]) {
    const { code, message } = await refused(call(config, misspelt));
    assert.is(code, "E_USAGE");
    assert.is(message, `${call.name}(): option "output" is not known; did you mean "outputs"?`);
  }
  const known = { outputs: ["digest"], store, jobs: 1, noCache: false, args: {}, directory: store } as const;
  assert.is((await build(config, known)).length, 1);
});

test("what an abort breaks off is an ImageDslError, whenever it comes", async () => {
  const before = await refused(build(config, { outputs: ["digest"], store, signal: AbortSignal.abort() }));
  assert.is(before.code, "E_ABORTED");

  const controller = new AbortController();
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === "stage") controller.abort(new Error("enough"));
  };
  const during = await refused(build(config, { outputs: ["digest"], store, signal: controller.signal, onEvent }));
  assert.is(during.code, "E_ABORTED");
  assert.is(during.message, "The build was interrupted");
});

test.run();
