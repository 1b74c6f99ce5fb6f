"""What both services stand on: kit, models, services and web habits."""
