//! Where the page's memory comes from: a smaller one than the standard library's, which has to be downloaded with the page.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

#[global_allocator]
static MEMORY: WasmDynamicTalc = new_wasm_dynamic_allocator();
