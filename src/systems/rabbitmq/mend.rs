//! What an administrator types for the login of a component.

use crate::plan::types::Component;
use crate::systems::mend::{Next, user, word};

/// Asks for the password.
pub fn give_password(component: &Component) -> Next {
    Next::Mend(format!("rabbitmqctl change_password {}", word(&user(component))))
}

/// The tags of a user are set all together: those that it has are set again.
pub fn grant(component: &Component) -> Next {
    let user = user(component);
    // awk reads escapes in what it is given.
    let for_awk = word(&format!("u={}", user.replace('\\', "\\\\")));
    let present = r#"'$1 == u { gsub(/[][,]/, " ", $2); print $2 }'"#;
    Next::Mend(format!(
        "rabbitmqctl set_user_tags {} monitoring $(rabbitmqctl -q list_users | awk -F '\\t' -v {for_awk} {present})",
        word(&user)
    ))
}
