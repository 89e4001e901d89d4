import { buildLayeredImage, defineConfig } from "image-dsl";
import { shout } from "./plugin.ts";

export default defineConfig({
  plugins: [shout.plugin],
  images: { loud: buildLayeredImage({ name: "loud", contents: [shout("hello")] }) },
});
