"""When will it be full? The arithmetic (`engine`) and the nightly job (`plan`)."""
