/** Never run: tsc compiles it. A step's function is given the inputs that stand beside it, and no others. */
import { buildLayeredImage, debian, files, step, type Source, type StepContext } from "image-dsl";

const one: Source = step({ run: "true" });
const two = step({
  name: "two",
  inputs: { src: files("src"), one, tools: debian({ suite: "bookworm", packages: ["make"] }) },
  env: { NODE_ENV: "production" },
  dest: "/app",
  run: async ({ $, out, inputs, signal }) => {
    signal.throwIfAborted();
    const { stdout } = await $`${inputs.tools}/usr/bin/make -C ${inputs.src} DESTDIR=${out} ONE=${inputs.one}`;
    // @ts-expect-error There is no such input
    inputs.sources satisfies string;
    return stdout.length;
  },
});
buildLayeredImage({ name: "a", contents: [one, two] });

const shared = async ({ $, out }: StepContext): Promise<void> => void (await $`date > ${out}/date`);
step({ run: shared });

// @ts-expect-error Something has to run
step({ inputs: { src: files("src") } });
// @ts-expect-error An input is a source
step({ inputs: { src: "src" }, run: "true" });
// @ts-expect-error A variable is a text
step({ env: { DEBUG: 1 }, run: "true" });
// @ts-expect-error The option is called inputs
step({ input: { src: files("src") }, run: "true" });
