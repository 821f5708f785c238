//! The command line: a file per verb, with arguments, printing and exit codes, and nothing else.
