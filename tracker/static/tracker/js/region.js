// On a page that is the same for everybody: shows the numbers of the person's own region alone, if this device knows it.
import { recall } from "./store.js";

async function start() {
  const region = document.querySelector("meta[name=region]")?.content || (await recall("region"));
  for (const group of document.querySelectorAll("[data-regions]")) {
    const lines = [...group.querySelectorAll("[data-region]")];
    if (lines.some((line) => line.dataset.region === region)) {
      lines.filter((line) => line.dataset.region !== region).forEach((line) => line.remove());
    }
  }
}

start();
