# What `smtplint usage` counts, as one would count it with awk: for a log in the classic form, with Postfix's services named.
# It is held against the command, for the counts and for the time.
index($5, "/smtpd[") {
  split($5, part, /[][]/)
  service = substr(part[1], 1, length(part[1]) - 6)
  id = part[2]
  if ($6 == "connect") {
    version[id] = ""; user[id] = ""
  } else if ($7 == "TLS") {
    version[id] = $12
  } else if ($7 ~ /^client=/) {
    messages[service]++
    if (match($0, / sasl_username=[^,]*/)) user[id] = substr($0, RSTART + 15, RLENGTH - 15)
  } else if ($6 == "disconnect") {
    entry = index($0, " starttls=1") ? "starttls" : version[id] != "" ? "implicit" : "none"
    sessions[service " " entry " " (version[id] == "" ? "-" : version[id])]++
    if (index($0, " auth=1")) {
      logins[service]++
      if (user[id] != "") {
        used[user[id] " " service " " entry " " (version[id] == "" ? "-" : version[id])]++
        last[user[id]] = substr($0, 1, 15)
      }
    }
  } else if ($6 == "warning:" && $11 == "failed:") {
    failed[service]++
  }
}
END {
  for (key in messages) print "messages", key, messages[key]
  for (key in sessions) print "sessions", key, sessions[key]
  for (key in logins) print "logins", key, logins[key]
  for (key in failed) print "failed", key, failed[key]
  for (key in used) print "used", key, used[key]
  for (key in last) print "last", key, last[key]
}
