//! Where the browser begins: hands over to the library at once.

fn main() {
    smtplint_web::start();
}
