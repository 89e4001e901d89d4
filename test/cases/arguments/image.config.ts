import { buildLayeredImage, defineConfig, text } from "image-dsl";

export default defineConfig(async ({ $, args, platform }) => {
  const { stdout } = await $`echo ${args["greeting"]}`;
  return { hello: buildLayeredImage({ name: "hello", tag: platform.architecture, contents: text("/hello", stdout) }) };
});
