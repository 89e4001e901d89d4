import { buildLayeredImage, files, text } from "image-dsl";

export default {
  output: ["digest"],
  images: {
    redis: buildLayeredImage({ nmae: "redis", contents: [text("/x"), files([])], config: { Cmd: "redis-server -v" } }),
    other: text("/x", "y"),
  },
};
