// For links: a text compressed by gzip, and in the signs of base64 that an address may have (RFC 4648, section 5).
globalThis.smtplintPack = async (text) => {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

// And back. Links come from strangers: what unpacks into more than a megabyte is not read to its end.
globalThis.smtplintOpen = async (packed) => {
  const reader = smtplintUnpacked(packed.replaceAll("-", "+").replaceAll("_", "/")).body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, length] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > 1e6) throw new Error("too large");
    text += decoder.decode(value, { stream: true });
  }
};

// Files that were dropped, each with its path; a folder brings those in it, by folders as deep as those of servers are. A page that
// is a file itself is not told what is in a folder: the folder is handed on as it is, and reading it fails with a sentence.
globalThis.smtplintDropped = (data) => {
  const found = [];
  const look = async (entry, depth) => {
    if (entry.isFile) {
      const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
      if (file) found.push([entry.fullPath.replace(/^\//, ""), file]);
    } else if (depth < 5) {
      const reader = entry.createReader();
      for (;;) {
        // A browser hands over a hundred at a time.
        const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
        if (!some.length || found.length > 1000) break;
        for (const one of some) await look(one, depth + 1);
      }
    }
  };
  // What was dropped is known only now, before anything is waited for.
  const items = [...data.items].filter((item) => item.kind === "file");
  const all = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  return (async () => {
    for (const [entry, file] of all) {
      const before = found.length;
      if (entry && !entry.isFile) await look(entry, 0);
      if (file && found.length === before) found.push([file.name, file]);
    }
    return found;
  })();
};

// Starts the page. `cargo xtask page` puts this behind wasm-bindgen's own script and behind `smtplintProgram`, which holds the part
// of the compiled page that is loaded at first, and `smtplintPackedTexts`, which holds the texts of the rules and tables.
(async () => {
  // The program takes them from there as it starts.
  globalThis.smtplintTexts = await smtplintUnpacked(smtplintPackedTexts).text();
  await wasm_bindgen({ module_or_path: await smtplintUnpacked(smtplintProgram).arrayBuffer() });
})().catch((error) => {
  document.getElementById("app").textContent =
    "smtplint could not start in this browser (" + error + "). It needs a browser from 2023 or later.";
  throw error;
});
