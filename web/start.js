// Starts the page. `cargo xtask page` puts this behind wasm-bindgen's own script and behind
// `smtplintProgram`, which holds the compiled page, and `smtplintPackedTexts`, which holds the texts of the rules and a table:
// compressed by gzip, then written as base64. They come inside a script because the page is forbidden every connection, to its
// own server too.
(async () => {
  const unpacked = (text) => {
    const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
  };
  // The program takes them from there as it starts.
  globalThis.smtplintTexts = await unpacked(smtplintPackedTexts).text();
  await wasm_bindgen({ module_or_path: await unpacked(smtplintProgram).arrayBuffer() });
})().catch((error) => {
  document.getElementById("app").textContent =
    "smtplint could not start in this browser (" + error + "). It needs a browser from 2023 or later.";
  throw error;
});
