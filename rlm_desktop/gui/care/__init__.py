"""What is about the program rather than about documents: settings, palette, help, complaints."""
