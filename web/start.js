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
