import { buildLayeredImage, defineConfig, text } from "image-dsl";

export default defineConfig({
  outputs: ["rootfs:{target}.{platform}.tar"],
  platforms: ["linux/amd64", "linux/arm64"],
  images: {
    b: buildLayeredImage({ name: "b", contents: text("/b", "b") }),
    a: buildLayeredImage({ name: "a", contents: text("/a", "a") }),
  },
});
